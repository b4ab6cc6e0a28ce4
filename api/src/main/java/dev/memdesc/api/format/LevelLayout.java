package dev.memdesc.api.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level of a format.
 *
 * @param manualName what the manual calls the table
 * @param shift log2 of the bytes that one item spans
 * @param indexBits log2 of the number of items
 * @param table the memory a table needs
 * @param empty passes an item that hardware takes for invalid
 * @param emptyItem the item of an EMPTY entry; an item that passes {@code empty} but differs is
 *     SOFT
 * @param isTable passes an item that is a TABLE entry
 * @param tablePa where a TABLE entry keeps the pa of the lower table
 * @param tableConstant bits that every TABLE entry has
 * @param leaves the leaves of this level; none where there may be none
 * @param accessed passes a leaf that was accessed
 * @param dirty passes a leaf that was written
 * @param mirror which items are kept twice
 */
public record LevelLayout(
    String manualName,
    int shift,
    int indexBits,
    Placement table,
    Test empty,
    long emptyItem,
    Test isTable,
    PaField tablePa,
    long tableConstant,
    List<Leaf> leaves,
    Test accessed,
    Test dirty,
    Mirror mirror) {

  private static final int ITEM_LG2 = 3;

  /** Copies the list. */
  public LevelLayout {
    leaves = List.copyOf(leaves);
  }

  /** The number of items. */
  public int items() {
    return 1 << indexBits;
  }

  /** The index of the item that translates {@code va}. */
  public int index(long va) {
    return (int) (va >>> shift) & (1 << indexBits) - 1;
  }

  /** The byte within a table of the item that translates {@code va}. */
  public long offset(long va) {
    return shift >= ITEM_LG2
        ? (va >>> (shift - ITEM_LG2)) & (((1L << indexBits) - 1) << ITEM_LG2)
        : (long) index(va) << ITEM_LG2;
  }

  /** log2 of the bytes that a whole table spans. */
  public int spanLg2() {
    return shift + indexBits;
  }

  /** What an item of this level says, tested in the order EMPTY, TABLE, LEAF, SOFT. */
  public EntryKind kind(long item) {
    if (item == emptyItem) {
      return EntryKind.EMPTY;
    }
    if (isTable.passes(item)) {
      return EntryKind.TABLE;
    }
    if (leafOf(item) != null) {
      return EntryKind.LEAF;
    }
    return empty.passes(item) ? EntryKind.SOFT : EntryKind.INVALID;
  }

  /** The kind of leaf that an item is, or null if it is none. */
  public @Nullable Leaf leafOf(long item) {
    for (Leaf leaf : leaves) {
      if (leaf.test().passes(item)) {
        return leaf;
      }
    }
    return null;
  }

  /** The item of a TABLE entry for a table at {@code pa}. */
  public long tableItem(long pa) {
    return tablePa.encode(pa) | tableConstant;
  }
}
