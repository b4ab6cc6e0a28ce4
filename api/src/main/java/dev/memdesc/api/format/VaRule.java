package dev.memdesc.api.format;

/**
 * Which va a format can translate.
 *
 * @param bits how many low bits of a va the tables translate, 1..64
 * @param extension what the bits above them must be
 */
public record VaRule(int bits, Extension extension) {
  /** What the bits above the translated ones must be. */
  public enum Extension {
    /** Copies of the highest translated bit (x86: canonical). */
    SIGN,
    /** All zero. */
    ZERO,
    /** All one: the upper half of a machine with a root for each half (arm64's TTBR1). */
    ONES
  }

  /** Whether the tables can translate {@code va}. */
  public boolean allows(long va) {
    // The same as va == extend(va), in fewer steps: the engine asks at every operation.
    // No switch: it reads an array, whose elements the JIT does not take for constants.
    if (bits == 64) {
      return true;
    }
    if (extension == Extension.SIGN) {
      return (va + (1L << (bits - 1))) >>> bits == 0;
    }
    return extension == Extension.ZERO ? va >>> bits == 0 : va >> bits == -1;
  }

  /** The va with these low bits that the tables can translate. */
  public long extend(long va) {
    int unused = 64 - bits;
    return switch (extension) {
      case SIGN -> va << unused >> unused;
      case ZERO -> va << unused >>> unused;
      case ONES -> bits == 64 ? va : va | -1L << bits;
    };
  }

  /** What {@link #allows} asks for, as a sentence. */
  String sentence() {
    int highest = bits - 1;
    return switch (extension) {
      case SIGN -> "a va is canonical: the bits above bit " + highest + " are copies of it";
      case ZERO -> "a va has no bits above bit " + highest;
      case ONES -> "a va has all bits above bit " + highest;
    };
  }
}
