package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import java.io.InputStream;
import java.nio.file.Path;

/** A live process that is ended just before its status is read. */
final class EndingProcess implements ProcessSource {
  private final Process process;
  private final LiveProcess live;

  EndingProcess(Process process) {
    this.process = process;
    this.live = new LiveProcess(Path.of("/proc"), process.pid());
  }

  @Override
  public long pid() {
    return live.pid();
  }

  @Override
  public String machine() {
    return live.machine();
  }

  @Override
  public void begin(BadLines bad) {
    live.begin(bad);
  }

  @Override
  public InputStream open(Text text) {
    if (text == Text.STATUS) {
      process.destroyForcibly().onExit().join();
    }
    return live.open(text);
  }

  @Override
  public boolean knowsHugePages() {
    return live.knowsHugePages();
  }

  @Override
  public void regions(Vma vma, VmaDetails details, RegionSink sink) {
    live.regions(vma, details, sink);
  }

  @Override
  public boolean finish(boolean everyMapping) {
    return live.finish(everyMapping);
  }

  @Override
  public void close() {
    live.close();
  }
}
