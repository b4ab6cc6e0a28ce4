package dev.memdesc.bench.engine;

/** Takes the time. */
final class TimeMeter implements Meter {
  private final long[] nanos;
  private long started;

  TimeMeter(int rows) {
    this.nanos = new long[rows];
  }

  @Override
  public void start() {
    started = System.nanoTime();
  }

  @Override
  public void stop(int row) {
    nanos[row] = System.nanoTime() - started;
  }

  /** How long the row's phase of the last cycle took. */
  long nanos(int row) {
    return nanos[row];
  }
}
