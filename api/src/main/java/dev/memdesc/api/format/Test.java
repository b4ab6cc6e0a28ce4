package dev.memdesc.api.format;

/** Passes an item when {@code (item & mask) == value}. */
public record Test(long mask, long value) {
  /** Passes nothing. */
  public static final Test NEVER = new Test(0, 1);

  /** The test that all bits of {@code bits} are set. */
  public static Test set(long bits) {
    return new Test(bits, bits);
  }

  /** The item changed so that it passes. */
  public long make(long item) {
    return (item & ~mask) | value;
  }

  /** Whether the item passes. */
  public boolean passes(long item) {
    return (item & mask) == value;
  }
}
