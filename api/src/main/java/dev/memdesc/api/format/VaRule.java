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
    ZERO
  }

  /** Whether the tables can translate {@code va}. */
  public boolean allows(long va) {
    // The same as va == extend(va), in fewer steps: the engine asks at every operation.
    return extension == Extension.SIGN
        ? bits == 64 || (va + (1L << (bits - 1))) >>> bits == 0
        : bits == 64 || va >>> bits == 0;
  }

  /** The va with these low bits that the tables can translate. */
  public long extend(long va) {
    int unused = 64 - bits;
    return extension == Extension.SIGN ? va << unused >> unused : va << unused >>> unused;
  }
}
