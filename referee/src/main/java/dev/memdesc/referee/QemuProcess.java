package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A running QEMU. It ends when this is closed and when this JVM ends, in whatever way.
 *
 * <p>A guest's stub spins, so a QEMU that is left over would burn a processor for ever. A shell
 * stands between: it holds the end of a pipe whose other end is this JVM's, and kills QEMU when the
 * pipe breaks, and removes the guest's files; also when a signal ends the whole group.
 */
public final class QemuProcess implements AutoCloseable {
  /**
   * Runs the command, whose first two words are the folders of its files. Descriptor 3 is the pipe:
   * what runs in the background would lose standard input.
   */
  private static final String SHELL =
      "d=$1; r=$2; shift 2; exec 3<&0; \"$@\" <&- 3<&- & q=$!; "
          + "{ trap '' TERM HUP; read -r x; rm -rf \"$d\" \"$r\"; kill -9 $q; } "
          + "<&3 >&- 2>&- & w=$!; "
          + "wait $q; s=$?; kill -9 $w; exit $s";

  private static final long STOP_SECONDS = 60;
  private static final int LOG_CHARS = 2000;

  private final Process shell;
  private final Path log;

  private QemuProcess(Process shell, Path log) {
    this.shell = shell;
    this.log = log;
  }

  /**
   * Starts a machine whose stub works on its own.
   *
   * @param scratch for its log
   * @throws UncheckedIOException if there is no shell
   */
  static QemuProcess start(GuestMachine machine, Path program, GuestRam ram, Scratch scratch) {
    List<String> command = new ArrayList<>(machine.command(program, scratch.folder()));
    String size = (GuestRam.BYTES >>> 20) + "M";
    command.addAll(List.of("-machine", machine.machineType() + ",memory-backend=ram", "-m", size));
    command.addAll(
        List.of(
            "-object",
            "memory-backend-file,id=ram,share=on,size=" + size + ",mem-path=" + ram.file()));
    command.addAll(List.of("-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none"));
    command.add("-no-reboot");
    return start(command, scratch);
  }

  /**
   * Starts QEMU.
   *
   * @param options the program and everything that it is told
   * @param scratch for its log
   * @throws UncheckedIOException if there is no shell
   */
  public static QemuProcess start(List<String> options, Scratch scratch) {
    Path log = scratch.folder().resolve("qemu.log");
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "sh"));
    scratch.folders().forEach(one -> command.add(one.toString()));
    command.addAll(options);
    try {
      return new QemuProcess(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start(),
          log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns while QEMU runs.
   *
   * @throws PageTableException with {@link Reason#TOOL} and what QEMU said if it ended
   */
  public void requireAlive(String during) {
    if (!shell.isAlive()) {
      throw failure("QEMU runs until it is told to stop", during);
    }
  }

  /** That something went wrong, with the end of QEMU's log. */
  public PageTableException failure(String rule, String during) {
    return PageTableException.because(Reason.TOOL, rule)
        .with("during", during)
        .with("alive", shell.isAlive())
        .with("said", said())
        .build();
  }

  /** The processes below this JVM that belong to it, for tests. */
  public List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>(shell.descendants().toList());
    all.add(shell.toHandle());
    return all;
  }

  private String said() {
    try {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
      return text.isEmpty() ? "nothing" : text.substring(Math.max(0, text.length() - LOG_CHARS));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Ends QEMU and waits until it is gone. */
  @Override
  public void close() {
    List<ProcessHandle> all = processes();
    try {
      shell.getOutputStream().close();
      if (!shell.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        all.forEach(ProcessHandle::destroyForcibly);
      }
    } catch (IOException e) {
      all.forEach(ProcessHandle::destroyForcibly);
    } catch (InterruptedException e) {
      all.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }
}
