package dev.memdesc.core.image;

/**
 * Something in saved tables that should not be.
 *
 * @param kind what it is
 * @param level of the table that the item is in
 * @param va the first that the item translates
 * @param itemPa where the item is
 * @param item the item
 */
public record Finding(Kind kind, int level, long va, long itemPa, long item) {
  /** What may be wrong. */
  public enum Kind {
    /** The item is none of EMPTY, TABLE, LEAF and SOFT, or says what the format cannot mean. */
    INVALID_ITEM("an item that hardware would report"),
    /** The table that the item leads to is not in the file, or not all of it. */
    TABLE_OUTSIDE("an item that leads to a table outside the file"),
    /** The table that the item leads to is not aligned. */
    TABLE_MISALIGNED("an item that leads to a table that is not aligned"),
    /** The table that the item leads to is one of those above it. */
    LOOP("an item that leads back to a table above it"),
    /** The items of a group do not belong together; those that do not are shown one by one. */
    TORN_GROUP("a group whose items do not belong together"),
    /** More tables than the walk may visit; what is below the item was not walked. */
    BUDGET("more tables than the walk may visit");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** The kind in words. */
    public String words() {
      return words;
    }
  }
}
