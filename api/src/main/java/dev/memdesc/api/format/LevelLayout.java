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
 * @param leaves the leaves of this level, smallest first: one item's, then groups; none where there
 *     may be none
 * @param accessed passes a leaf that was accessed
 * @param dirty passes a leaf that was written
 * @param softDirty passes a leaf that software noted as written, where {@code dirty} cannot say it
 *     of a leaf that may not be written any more; {@link Test#NEVER} where it can
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
    Test softDirty,
    Mirror mirror) {

  /** Copies the list. */
  public LevelLayout {
    leaves = List.copyOf(leaves);
  }

  /** A level where {@code dirty} alone says that a leaf was written. */
  public LevelLayout(
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
    this(
        manualName,
        shift,
        indexBits,
        table,
        empty,
        emptyItem,
        isTable,
        tablePa,
        tableConstant,
        leaves,
        accessed,
        dirty,
        Test.NEVER,
        mirror);
  }

  /** log2 of the bytes of an item: what a table has, divided by its items. */
  public int itemBytesLg2() {
    return Integer.numberOfTrailingZeros(table.bytes()) - indexBits;
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
    int itemLg2 = itemBytesLg2();
    return shift >= itemLg2
        ? (va >>> (shift - itemLg2)) & (((1L << indexBits) - 1) << itemLg2)
        : (long) index(va) << itemLg2;
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
    // By index: an iterator would be an object for each item that is looked at.
    for (int k = 0; k < leaves.size(); k++) {
      if (leaves.get(k).test().passes(item)) {
        // One mask cannot say "readable or writable": such a test may pass what is EMPTY too.
        return item == emptyItem ? null : leaves.get(k);
      }
    }
    return null;
  }

  /** log2 of the largest leaf, or of an item's span if there are no leaves. */
  public int largestLg2() {
    return leaves.isEmpty() ? shift : leaves.getLast().sizeLg2();
  }

  /** Whether a leaf's item says that it was written. */
  public boolean isDirty(long item) {
    return dirty.passes(item) || softDirty.passes(item);
  }

  /** The item with the note that it was written; for one that is not. */
  public long makeDirty(long item) {
    return (softDirty.equals(Test.NEVER) ? dirty : softDirty).make(item);
  }

  /** A leaf's item with its own accessed and dirty states and those of another. */
  public long states(long other, long item) {
    long result = accessed.passes(other) ? accessed.make(item) : item;
    return isDirty(other) && !isDirty(result) ? makeDirty(result) : result;
  }

  /** The item of a TABLE entry for a table at {@code pa}. */
  public long tableItem(long pa) {
    return tablePa.encode(pa) | tableConstant;
  }
}
