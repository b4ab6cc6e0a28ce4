package dev.memdesc.api.spi;

/**
 * A ring of commands in memory that software fills and a unit empties. Safe for any number of
 * threads: a command is put whole.
 *
 * <p>A full queue is waited for. A command that the unit refuses is replaced by {@link
 * QueueEnds#forgetAll}, counted, and the unit goes on: an invalidation is never lost.
 */
public interface CommandQueue extends AutoCloseable {
  /** The pa of the first command. */
  long pa();

  /** log2 of the number of commands that the ring has room for. */
  int entriesLg2();

  /**
   * Puts a command of two words, the rest of a longer one being 0. The unit sees it at the latest
   * with the next {@link #publish}.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if the unit
   *     does not make room in time
   */
  void put(long word0, long word1);

  /** Tells the unit of all commands that were put. */
  void publish();

  /**
   * Publishes, and waits until the unit has consumed every command that was put before. What the
   * commands ordered may still be under way: that is what a unit's own wait or sync command is for.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if the unit
   *     does not answer in time
   */
  void drain();

  /** What happened so far. */
  QueueCounts counts();

  /** Gives the ring's memory back; the unit must not use it any more. */
  @Override
  void close();
}
