package dev.memdesc.cli.survey;

import org.jspecify.annotations.Nullable;

/**
 * What is known about a page, in the bits of the PAGEMAP_SCAN ioctl, and as the word that a saved
 * scan holds. Source: Linux, include/uapi/linux/fs.h, Documentation/admin-guide/mm/pagemap.rst.
 */
final class Category {
  /** The page belongs to a file or to shared memory. */
  static final int FILE = 1 << 2;

  /** The page is in memory. */
  static final int PRESENT = 1 << 3;

  /** The entry stands for a page elsewhere, or is a marker. */
  static final int SWAPPED = 1 << 4;

  /** The page is the page of zeros. */
  static final int PFNZERO = 1 << 5;

  /** The page is mapped by a leaf above level 0. */
  static final int HUGE = 1 << 6;

  /** The entry is a guard. */
  static final int GUARD = 1 << 8;

  /** Every bit that a survey asks for. */
  static final int ALL = FILE | PRESENT | SWAPPED | PFNZERO | HUGE | GUARD;

  /** Any of these means that there is an entry in a table. */
  static final int IN_USE = PRESENT | SWAPPED | GUARD;

  private static final String LETTERS = "psfzhg";
  private static final int[] BITS = {PRESENT, SWAPPED, FILE, PFNZERO, HUGE, GUARD};

  private Category() {}

  /** One character per bit in the order {@code psfzhg}, a dash where it is not set. */
  static String text(int categories) {
    char[] text = new char[BITS.length];
    for (int i = 0; i < BITS.length; i++) {
      text[i] = (categories & BITS[i]) != 0 ? LETTERS.charAt(i) : '-';
    }
    return new String(text);
  }

  /** The bits of such a text, or null if it is none or says that nothing is there. */
  static @Nullable Integer parse(String text) {
    if (text.length() != BITS.length) {
      return null;
    }
    int categories = 0;
    for (int i = 0; i < BITS.length; i++) {
      char c = text.charAt(i);
      if (c == LETTERS.charAt(i)) {
        categories |= BITS[i];
      } else if (c != '-') {
        return null;
      }
    }
    return (categories & IN_USE) == 0 ? null : categories;
  }
}
