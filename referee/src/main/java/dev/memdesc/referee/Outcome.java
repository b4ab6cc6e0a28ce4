package dev.memdesc.referee;

/**
 * How a probe ended.
 *
 * @param fault {@link #NO_FAULT}, or what the processor reported, in an encoding of the guest's own
 * @param address the pa that was reached; with a fault the address that the processor reported, as
 *     far as it does
 */
public record Outcome(long fault, long address) {
  /** A {@link #fault} that says that there was none. */
  public static final long NO_FAULT = -1L;

  /** An {@link #address} that nobody knows: RAM ends below it. */
  public static final long BEYOND_RAM = -1L;

  /** It reached a pa. */
  public static Outcome at(long pa) {
    return new Outcome(NO_FAULT, pa);
  }

  /** It was refused. */
  public static Outcome fault(long fault, long address) {
    return new Outcome(fault, address);
  }

  /** Whether it reached something. */
  public boolean reached() {
    return fault == NO_FAULT;
  }
}
