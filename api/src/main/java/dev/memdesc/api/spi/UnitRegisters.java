package dev.memdesc.api.spi;

/**
 * The registers of one IOMMU, by their offset from its first register, in bytes. A 32-bit register
 * is accessed by its own width. When a write returns, the unit has seen everything that was stored
 * in memory before it; it may act on it later.
 *
 * <p>Implementations throw {@link dev.memdesc.api.PageTableException} with {@link
 * dev.memdesc.api.Reason#TOOL} if the unit is gone.
 */
public interface UnitRegisters {
  /** A 32-bit register, zero-extended. */
  long read32(int offset);

  /** A 64-bit register. */
  long read64(int offset);

  /** Writes the low 32 bits of {@code value}. */
  void write32(int offset, long value);

  /** Writes a 64-bit register. */
  void write64(int offset, long value);
}
