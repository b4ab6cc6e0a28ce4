package dev.memdesc.iommu.smmu;

import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.UnitParts;

/** Commands to the unit, and waiting for them. Safe for any number of threads. */
final class CommandStream {
  /** A ring of one page of 4 KiB. */
  private static final int ENTRIES_LG2 = 8;

  private final CommandEnds ends;
  private final CommandQueue queue;
  // Written under this, read by any: steps of others that failed midway.
  private volatile int unsettled;
  // Guarded by this: up to which failure, of the queue's and of others, structures were forgotten.
  private long handled;

  /**
   * An empty queue that the unit does not know yet.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}
   */
  CommandStream(UnitParts parts, Features features, GlobalErrors errors) {
    int entriesLg2 = Math.min(ENTRIES_LG2, features.maxCommandsLg2());
    this.ends = new CommandEnds(parts.registers(), errors, entriesLg2);
    this.queue = parts.queues().open("command queue", entriesLg2, 1 << Command.BYTES_LG2, ends);
  }

  CommandQueue queue() {
    return queue;
  }

  /** SMMU_CMDQ_BASE. */
  long base() {
    return Registers.ALLOCATE | queue.pa() | queue.entriesLg2();
  }

  void put(Command command) {
    queue.put(command.word0(), command.word1());
  }

  /**
   * Returns when all commands that were put before are complete.
   *
   * <p>In the place of a command that was refused the queue puts one that forgets every
   * translation. If that one was about structures, or was the sync, they are still to be forgotten.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if the unit
   *     does not answer
   */
  void sync() {
    put(Command.sync());
    queue.drain();
    if (failures() != 0) {
      forgetStructures();
    }
  }

  /**
   * A step failed midway: the unit may have read what it should not know. Every later {@link #sync}
   * makes it forget all structures first, until one succeeds.
   */
  synchronized void unsettle() {
    unsettled++;
  }

  private synchronized void forgetStructures() {
    while (handled != failures()) {
      long failures = failures();
      put(Command.cfgiAll());
      put(Command.tlbiNsnhAll());
      put(Command.sync());
      queue.drain();
      handled = failures;
    }
  }

  private long failures() {
    return (long) ends.refused() + unsettled;
  }

  /** Gives the memory back; the unit does not use the queue any more. */
  void free() {
    queue.close();
  }
}
