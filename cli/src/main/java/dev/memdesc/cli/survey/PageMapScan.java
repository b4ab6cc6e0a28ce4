package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The PAGEMAP_SCAN ioctl (Linux 6.7): the kernel walks its tables and says where entries are, in
 * ranges, and which are huge. Source: Documentation/admin-guide/mm/pagemap.rst.
 *
 * <p>The argument is twelve words: its size, flags, start, end, where the walk ended, the address
 * and length of the vector, a limit of pages, categories to invert, to require, of which to require
 * any, and to return. A region of the vector is three words: start, end, categories.
 */
final class PageMapScan implements AutoCloseable {
  private static final int WORDS = 12;
  private static final int SIZE = 0;
  private static final int START = 2;
  private static final int END = 3;
  private static final int WALK_END = 4;
  private static final int VECTOR = 5;
  private static final int VECTOR_LENGTH = 6;
  private static final int ANY_OF = 10;
  private static final int RETURN = 11;

  // _IOWR('f', 16, struct pm_scan_arg): both directions, 96 bytes.
  private static final long REQUEST = (3L << 30) | ((8L * WORDS) << 16) | ('f' << 8) | 16;

  private static final int REGION_WORDS = 3;
  private static final int REGIONS = 4096;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment argument = arena.allocate(8L * WORDS, 8);
  private final MemorySegment vector = arena.allocate(8L * REGION_WORDS * REGIONS, 8);
  private final MemorySegment errno = Native.newErrno(arena);
  private final int descriptor;
  private final boolean supported;

  /**
   * Prepares scans of one process.
   *
   * @param descriptor of its pagemap, open for reading; stays the caller's
   */
  PageMapScan(int descriptor) {
    this.descriptor = descriptor;
    put(SIZE, 8L * WORDS);
    put(VECTOR, vector.address());
    put(VECTOR_LENGTH, REGIONS);
    this.supported = knows(Category.ALL) || knows(Category.ALL & ~Category.GUARD);
  }

  /** Whether the kernel has the ioctl; where it has not, {@link #scan} must not be called. */
  boolean isSupported() {
    return supported;
  }

  /** Before 6.15 a guard is shown as SWAPPED, and asking for GUARD is an invalid argument. */
  private boolean knows(int categories) {
    put(ANY_OF, categories & Category.IN_USE);
    put(RETURN, categories);
    put(START, 0);
    put(END, ProcessSource.PAGE_BYTES);
    return Native.ioctl(errno, descriptor, REQUEST, argument) >= 0;
  }

  /**
   * Shows the entries of {@code start}..{@code end} (exclusive), both multiples of a page.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the kernel refuses
   */
  void scan(long start, long end, RegionSink sink) {
    long at = start;
    while (at < end) {
      put(START, at);
      put(END, end);
      int found = Native.ioctl(errno, descriptor, REQUEST, argument);
      long walked = get(WALK_END);
      if (found < 0 || walked <= at) {
        throw PageTableException.because(Reason.INPUT, "the kernel scans a range of a process")
            .hex("start", at)
            .hex("end", end)
            .with("errno", found < 0 ? Native.errno(errno) : 0)
            .build();
      }
      for (int i = 0; i < found; i++) {
        sink.region(word(i, 0), word(i, 1), (int) word(i, 2));
      }
      at = walked;
    }
  }

  private void put(int index, long word) {
    argument.setAtIndex(ValueLayout.JAVA_LONG, index, word);
  }

  private long get(int index) {
    return argument.getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  private long word(int region, int index) {
    return vector.getAtIndex(ValueLayout.JAVA_LONG, (long) region * REGION_WORDS + index);
  }

  @Override
  public void close() {
    arena.close();
  }
}
