package dev.memdesc.api.format;

/**
 * Where an item keeps a pa: up to three runs of bits. The first run stays in place; the others are
 * shifted left to where they belong in the pa. A mask of 0 folds away.
 */
public record PaField(long mask0, long mask1, int shift1, long mask2, int shift2) {
  /** No address: for levels whose items never are what this field would be of. */
  public static final PaField NONE = inPlace(0);

  /** Bits that stay in place. */
  public static PaField inPlace(long mask) {
    return new PaField(mask, 0, 0, 0, 0);
  }

  /** Bits {@code high..low}, both inclusive, that stay in place. */
  public static PaField bits(int high, int low) {
    return inPlace((-1L >>> (63 - (high - low))) << low);
  }

  /** The pa in an item. */
  public long decode(long item) {
    return (item & mask0) | ((item & mask1) << shift1) | ((item & mask2) << shift2);
  }

  /** The bits of an item that hold this pa. The pa has no bits that the field lacks. */
  public long encode(long pa) {
    return (pa & mask0) | ((pa >>> shift1) & mask1) | ((pa >>> shift2) & mask2);
  }

  /**
   * The bits of a pa that are in one run with {@code bit}, which is one of the field's: as long as
   * all others stay the same, adding to the pa is adding to the item.
   */
  public long runOf(long bit) {
    return (mask0 & bit) != 0
        ? mask0
        : (mask1 << shift1 & bit) != 0 ? mask1 << shift1 : mask2 << shift2;
  }

  /** Every bit of an item that belongs to the pa. */
  public long itemMask() {
    return mask0 | mask1 | mask2;
  }
}
