package dev.memdesc.api.format;

/**
 * What memory a table needs.
 *
 * @param bytes of the table that hardware walks
 * @param alignLg2 log2 of the alignment of its first byte
 * @param shadowBytes more bytes directly behind it that hardware does not walk as this table
 * @param paLimit every byte lies below this pa, unsigned; -1 if anywhere will do
 */
public record Placement(int bytes, int alignLg2, int shadowBytes, long paLimit) {
  /** A naturally aligned table of 2^lg2 bytes anywhere. */
  public static Placement natural(int lg2) {
    return new Placement(1 << lg2, lg2, 0, -1L);
  }

  /** Bytes with the shadow. */
  public int allBytes() {
    return bytes + shadowBytes;
  }
}
