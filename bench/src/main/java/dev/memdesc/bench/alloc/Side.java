package dev.memdesc.bench.alloc;

/** One side of a comparison. A cycle does many operations, as many as the question says. */
abstract class Side implements AutoCloseable {
  private final String name;

  Side(String name) {
    this.name = name;
  }

  /** For titles. */
  final String name() {
    return name;
  }

  /** Does the operations of one cycle. */
  abstract void cycle();

  @Override
  public void close() {}
}
