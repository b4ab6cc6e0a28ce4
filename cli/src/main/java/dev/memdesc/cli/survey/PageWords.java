package dev.memdesc.cli.survey;

import java.nio.LongBuffer;

/**
 * Turns the words of pagemap into regions. A word has bit 63 for present, 62 for swapped, 61 for a
 * page of a file or shared memory, 58 (with 62) for a guard; it does not say which pages are huge.
 * Source: Linux, Documentation/admin-guide/mm/pagemap.rst.
 *
 * <p>Huge pages are inferred: smaps says how many kibibytes of the mapping they are, and as many
 * aligned spans of 2 MiB that are wholly present are taken for them, the lowest first. How many
 * tables that saves does not depend on which spans are taken.
 */
final class PageWords {
  static final int WORD_BYTES = 8;
  static final long HUGE_BYTES = 1L << 21;

  private static final long PRESENT = 1L << 63;
  private static final long SWAPPED = 1L << 62;
  private static final long FILE = 1L << 61;
  private static final long GUARD = 1L << 58;
  private static final long IN_USE = PRESENT | SWAPPED;

  private final RegionSink sink;
  private long anonymousHugeBytes;
  private long otherHugeBytes;
  private long runStart;
  private long runEnd;
  private int runCategories;

  /** A reader for one mapping. */
  PageWords(VmaDetails details, RegionSink sink) {
    this.sink = sink;
    this.anonymousHugeBytes = details.anonymousHugeKiB() << 10;
    this.otherHugeBytes = details.otherHugeKiB() << 10;
  }

  /**
   * Takes the words of the pages from {@code va} on; calls ascend, pages between them are empty.
   */
  void take(long va, LongBuffer words) {
    long page = va;
    for (int i = words.position(); i < words.limit(); i++, page += ProcessSource.PAGE_BYTES) {
      long word = words.get(i);
      if ((word & IN_USE) != 0) {
        add(page, categories(word));
      }
    }
  }

  /** Ends the mapping. */
  void finish() {
    if (runStart != runEnd) {
      emit();
    }
    runStart = runEnd;
  }

  private static int categories(long word) {
    int categories = (word & PRESENT) != 0 ? Category.PRESENT : Category.SWAPPED;
    if ((word & SWAPPED) != 0 && (word & GUARD) != 0) {
      categories |= Category.GUARD;
    }
    return (word & FILE) != 0 ? categories | Category.FILE : categories;
  }

  private void add(long page, int categories) {
    if (runStart == runEnd || runEnd != page || runCategories != categories) {
      finish();
      runStart = page;
      runCategories = categories;
    }
    runEnd = page + ProcessSource.PAGE_BYTES;
  }

  private void emit() {
    boolean file = (runCategories & Category.FILE) != 0;
    long quota = file ? otherHugeBytes : anonymousHugeBytes;
    long hugeStart = (runStart + HUGE_BYTES - 1) & -HUGE_BYTES;
    long huge = Math.min(runEnd - hugeStart, quota) & -HUGE_BYTES;
    if ((runCategories & Category.PRESENT) == 0 || huge <= 0) {
      sink.region(runStart, runEnd, runCategories);
      return;
    }
    if (file) {
      otherHugeBytes -= huge;
    } else {
      anonymousHugeBytes -= huge;
    }
    if (runStart < hugeStart) {
      sink.region(runStart, hugeStart, runCategories);
    }
    sink.region(hugeStart, hugeStart + huge, runCategories | Category.HUGE);
    if (hugeStart + huge < runEnd) {
      sink.region(hugeStart + huge, runEnd, runCategories);
    }
  }
}
