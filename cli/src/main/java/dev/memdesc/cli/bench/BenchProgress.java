package dev.memdesc.cli.bench;

import dev.memdesc.bench.fragments.FragmentsBenchmark;
import dev.memdesc.cli.output.TerminalProgress;

/** Shows how far the fragments' benchmark is. */
final class BenchProgress implements FragmentsBenchmark.Progress, AutoCloseable {
  private final TerminalProgress terminal;

  /** Starts at 0. Parameters as {@link TerminalProgress}. */
  BenchProgress(boolean wanted, long steps) {
    terminal = new TerminalProgress(wanted, "fragments", steps);
  }

  @Override
  public void begin(String what) {
    terminal.begin(what);
  }

  @Override
  public void add(long steps) {
    terminal.add(steps);
  }

  @Override
  public void close() {
    terminal.close();
  }
}
