package dev.memdesc.bench;

/**
 * What is measured: the engine or a rival that does the same job. Every method does many
 * operations, so that reaching it costs nothing that counts.
 *
 * <p>Pages are those of the format's frame; a page's pa follows from its va as {@code va + delta},
 * which {@link Places} says.
 */
public interface Subject extends AutoCloseable {
  /** For messages and column titles. */
  String name();

  /** Maps ranges, {@code strideBytes} from one to the next, with leaves of these sizes. */
  void mapRanges(Places places, long va, long strideBytes, long length, long sizes, int ranges);

  /**
   * Unmaps such ranges, and frees the tables that are not needed any more.
   *
   * @return bytes of va that had an entry
   */
  long unmapRanges(long va, long strideBytes, long length, int ranges);

  /** Maps single pages: elements {@code from..end-1} of the places' page numbers. */
  void mapPages(Places places, int from, int end);

  /** Unmaps such pages; returns the bytes that had an entry. */
  long unmapPages(Places places, int from, int end);

  /** Translates such pages; returns the sum of what they translate to. */
  long translatePages(Places places, int from, int end);

  @Override
  void close();
}
