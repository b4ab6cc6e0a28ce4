package dev.memdesc.api.spi;

/** Makes command queues whose memory a unit reads. */
public interface QueueFactory {
  /**
   * An empty queue, whose memory is aligned to its size and zero.
   *
   * @param name for messages and accounting
   * @param entriesLg2 log2 of the number of commands
   * @param entryBytes of a command: 16, 32 or 64
   * @param ends how the unit sees it
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}
   */
  CommandQueue open(String name, int entriesLg2, int entryBytes, QueueEnds ends);
}
