package dev.memdesc.bench.engine;

/** Told where the phases of a cycle begin and end: measures what it is made for, by row. */
public interface Meter {
  /** A phase begins. */
  void start();

  /** The phase that measures {@code row} has ended. */
  void stop(int row);

  /** Measures nothing. */
  Meter OFF =
      new Meter() {
        @Override
        public void start() {}

        @Override
        public void stop(int row) {}
      };
}
