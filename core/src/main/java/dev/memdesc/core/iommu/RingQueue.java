package dev.memdesc.core.iommu;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.memory.StructureMemory;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.QueueCounts;
import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.core.guard.Reports;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A command queue of any unit. Commands are counted from 0 for ever; what the unit has consumed is
 * read off its index, which tells it apart as long as the ring is never wholly full: one slot is
 * left unused.
 *
 * <p>All state is guarded by one lock, which is held while a command is put or the unit is looked
 * at, and not while anybody waits.
 */
final class RingQueue implements CommandQueue {
  private static final System.Logger LOGGER = System.getLogger("dev.memdesc.iommu");

  /** How often a waiter looks before it begins to sleep. */
  private static final int SPINS = 100;

  private static final long LONGEST_SLEEP_NANOS = 100_000;

  /**
   * How often a waiter looks at least before it gives the unit up: where this thread, and not the
   * unit, had no processor, the time is over and nobody has looked.
   */
  private static final int LEAST_LOOKS = 1000;

  private final String name;
  private final HardwareMemory memory;
  private final StructureMemory structures;
  private final StructureDescriptor ring;
  private final int entriesLg2;
  private final int entryBytes;
  private final QueueEnds ends;
  private final long timeoutNanos;

  private final ReentrantLock lock = new ReentrantLock();
  // All guarded by the lock.
  private long put;
  private long published;
  private long consumed;
  private long fullWaits;
  private long errors;
  // The command that was replaced last, counted from 0: one that is refused again stays refused.
  private long replaced = -1;
  private boolean closed;

  /** An empty queue over memory that is zero. */
  RingQueue(
      String name,
      HardwareMemory memory,
      StructureMemory structures,
      StructureDescriptor ring,
      int entriesLg2,
      int entryBytes,
      QueueEnds ends,
      long timeoutNanos) {
    this.name = name;
    this.memory = memory;
    this.structures = structures;
    this.ring = ring;
    this.entriesLg2 = entriesLg2;
    this.entryBytes = entryBytes;
    this.ends = ends;
    this.timeoutNanos = timeoutNanos;
  }

  @Override
  public long pa() {
    return ring.pa();
  }

  @Override
  public int entriesLg2() {
    return entriesLg2;
  }

  private long entries() {
    return 1L << entriesLg2;
  }

  private long slot(long command) {
    return ring.pa() + (command & (entries() - 1)) * entryBytes;
  }

  @Override
  public void put(long word0, long word1) {
    if (!tryPut(word0, word1)) {
      putWhenThereIsRoom(word0, word1);
    }
  }

  private void putWhenThereIsRoom(long word0, long word1) {
    long began = System.nanoTime();
    lock.lock();
    try {
      fullWaits++;
    } finally {
      lock.unlock();
    }
    int tries = 0;
    do {
      publish();
      pause(began, tries++, "the unit makes room in its queue");
      look();
    } while (!tryPut(word0, word1));
  }

  /** Puts a command; false if there is no room. */
  private boolean tryPut(long word0, long word1) {
    lock.lock();
    try {
      requireOpen();
      if (put - consumed == entries() - 1) {
        return false;
      }
      write(put, word0, word1);
      put++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void write(long command, long word0, long word1) {
    long at = slot(command);
    memory.storeRelease(at, word0);
    memory.storeRelease(at + Long.BYTES, word1);
    for (int byteOfRest = 2 * Long.BYTES; byteOfRest < entryBytes; byteOfRest += Long.BYTES) {
      memory.storeRelease(at + byteOfRest, 0);
    }
  }

  @Override
  public void publish() {
    lock.lock();
    try {
      requireOpen();
      if (published != put) {
        ends.publish(put);
        published = put;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void drain() {
    long target;
    lock.lock();
    try {
      publish();
      target = put;
    } finally {
      lock.unlock();
    }
    long began = System.nanoTime();
    for (int tries = 0; !look(target); tries++) {
      pause(began, tries, "the unit consumes its commands");
    }
  }

  private boolean look(long target) {
    lock.lock();
    try {
      look();
      return consumed >= target;
    } finally {
      lock.unlock();
    }
  }

  /** Looks how far the unit is, and gets it going again if it refused a command. */
  private void look() {
    lock.lock();
    try {
      requireOpen();
      if (consumed == published) {
        return;
      }
      int index = ends.consumerIndex();
      long advanced = (index - consumed) & (entries() - 1);
      if (index < 0 || index >= entries() || advanced > published - consumed) {
        throw PageTableException.because(
                Reason.TOOL, "a unit consumes only commands that it was told of")
            .with("queue", name)
            .with("consumerIndex", index)
            .with("consumed", consumed)
            .with("published", published)
            .build();
      }
      consumed += advanced;
      String error = ends.stopped();
      if (error != null) {
        replace(error);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The unit stopped at the next command that it has not consumed. */
  private void replace(String error) {
    // Where it stopped; its index may have moved between the two looks.
    consumed += (ends.consumerIndex() - consumed) & (entries() - 1);
    if (consumed == replaced) {
      throw PageTableException.because(
              Reason.TOOL, "a unit accepts the command that forgets everything")
          .with("queue", name)
          .with("error", error)
          .hint("the unit is broken, or the backend's command is")
          .build();
    }
    // A log that fails must not leave the unit stopped.
    Reports.log(
        LOGGER,
        Level.WARNING,
        "{0}: command {1} ({2}) was refused, {3}; everything is forgotten instead",
        name,
        consumed,
        Hex.of(memory.loadAcquire(slot(consumed))),
        error);
    errors++;
    replaced = consumed;
    long[] words = ends.forgetAll();
    write(consumed, words[0], words[1]);
    for (int word = 2; word < words.length; word++) {
      memory.storeRelease(slot(consumed) + (long) word * Long.BYTES, words[word]);
    }
    ends.resume();
  }

  private void pause(long began, int tries, String rule) {
    long waited = System.nanoTime() - began;
    if (waited > timeoutNanos && tries >= LEAST_LOOKS) {
      throw PageTableException.because(Reason.TOOL, rule + " in time")
          .with("queue", name)
          .with("waitedMillis", waited / 1_000_000)
          .build();
    }
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      SpinWait.park(Math.min(LONGEST_SLEEP_NANOS, 1000L * (tries - SPINS + 1)));
    }
  }

  private void requireOpen() {
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "a queue is used before it is closed")
          .with("queue", name)
          .build();
    }
  }

  @Override
  public QueueCounts counts() {
    lock.lock();
    try {
      // The first command that went into the first slot again began the second round.
      return new QueueCounts(put, put == 0 ? 0 : (put - 1) >>> entriesLg2, fullWaits, errors);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        structures.free(ring);
      }
    } finally {
      lock.unlock();
    }
  }
}
