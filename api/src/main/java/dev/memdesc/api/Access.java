package dev.memdesc.api;

/** One yes-or-no attribute of a leaf. */
public enum Access {
  /** Loads are allowed. */
  READ,
  /** Stores are allowed. */
  WRITE,
  /** Instruction fetches are allowed. */
  EXECUTE,
  /** Unprivileged accesses are allowed. */
  USER,
  /** The translation holds in every address space. */
  GLOBAL,
  /** The page was accessed. */
  ACCESSED,
  /** The page was written. */
  DIRTY;

  /** This attribute's bit in {@link Attributes#access()}. */
  public int bit() {
    return 1 << ordinal();
  }
}
