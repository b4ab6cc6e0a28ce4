package dev.memdesc.api.format;

/**
 * One size of leaf at one level: one item, or a contiguous group of items that hardware may cache
 * as one translation (arm64's contiguous bit, RISC-V's Svnapot).
 *
 * @param sizeLg2 log2 of the bytes it maps; the span of all its items
 * @param itemsLg2 log2 of the number of its items; 0 for one. A group begins at an index that is a
 *     multiple of that number
 * @param itemStride what is added to an item of a group for the next one: the pa's step where each
 *     item has a pa of its own, 0 where all items are alike
 * @param test passes the items that are, or belong to, such leaves; it is not asked about items
 *     that are the level's EMPTY item or a TABLE
 * @param constant bits that every such item has, beside those of the codec and the pa
 * @param pa where the item keeps the pa
 */
public record Leaf(
    int sizeLg2, int itemsLg2, long itemStride, Test test, long constant, PaField pa) {
  /** A leaf of one item. */
  public Leaf(int sizeLg2, Test test, long constant, PaField pa) {
    this(sizeLg2, 0, 0, test, constant, pa);
  }

  /** How many items it takes. */
  public int items() {
    return 1 << itemsLg2;
  }

  /** The index of the first item of the leaf that the item at {@code index} belongs to. */
  public int first(int index) {
    return index & -items();
  }

  /** log2 of the bytes that the pa in one item is the first of. */
  public int paLg2() {
    return itemStride == 0 ? sizeLg2 : sizeLg2 - itemsLg2;
  }

  /** The pa that {@code va} translates to in this leaf, of which {@code item} is va's item. */
  public long translate(long item, long va) {
    return pa.decode(item) | (va & ((1L << paLg2()) - 1));
  }
}
