package dev.memdesc.core.image;

import java.util.List;

/**
 * The way of one va through saved tables.
 *
 * @param va the address
 * @param steps the items on the way, the root's first
 * @param end how it ends
 * @param pa what the va translates to, if {@code end} is {@link End#MAPPED}; where the table should
 *     be, if it is one of those; otherwise 0
 */
public record ImagePath(long va, List<Step> steps, End end, long pa) {
  /** Copies the list. */
  public ImagePath {
    steps = List.copyOf(steps);
  }

  /**
   * One item on the way.
   *
   * @param level of the table that it is in
   * @param index which item it is
   * @param itemPa where it is
   * @param item the item
   */
  public record Step(int level, int index, long itemPa, long item) {}

  /** How a way ends. */
  public enum End {
    /** In a leaf. */
    MAPPED,
    /** In an EMPTY item. */
    EMPTY,
    /** In an item that only software reads. */
    SOFT,
    /** In an item that hardware would report. */
    INVALID,
    /** In an item that leads to a table that the file does not have. */
    TABLE_OUTSIDE,
    /** In an item that leads to a table that is not aligned. */
    TABLE_MISALIGNED;

    /** Whether the tables or the file are broken. */
    public boolean isFinding() {
      return ordinal() >= INVALID.ordinal();
    }
  }
}
