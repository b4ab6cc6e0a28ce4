package dev.memdesc.bench.alloc;

/** One side of a comparison. A cycle does many operations, as many as the question says. */
public abstract class Side implements AutoCloseable {
  private final String name;

  /** A side with a name for titles. */
  protected Side(String name) {
    this.name = name;
  }

  /** For titles. */
  public final String name() {
    return name;
  }

  /** A turn begins: what has to be there while this side runs, and only then. */
  protected void begin() {}

  /** A turn has ended. */
  protected void end() {}

  /** Does one cycle, for whoever measures it otherwise. */
  public final void run() {
    cycle();
  }

  /** Does the operations of one cycle. */
  protected abstract void cycle();

  @Override
  public void close() {}
}
