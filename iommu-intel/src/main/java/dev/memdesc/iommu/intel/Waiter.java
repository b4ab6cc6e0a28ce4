package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.HardwareMemory;

/**
 * Waits for what was put into the queue: VT-d 6.5.2.8 "Invalidation Wait Descriptor". Each wait has
 * a number, which the unit writes to memory when everything before it is complete. Safe for any
 * number of threads.
 *
 * <p>If a command was refused, or a wait given up because a device did not answer, nobody knows
 * what is still cached: then everything is forgotten, and waited for again.
 */
final class Waiter {
  private static final int TRIES = 3;
  private static final long TRY_NANOS = 2_000_000_000L;

  private final HardwareMemory memory;
  private final CommandQueue queue;
  private final long statusPa;
  private final boolean scalable;
  private final long drain;
  private final Object lock = new Object();
  // Guarded by lock: waits are in the queue in the order of their numbers.
  private int lastNumber;
  // Guarded by lock: steps of others that failed midway.
  private long unsettled;
  // Guarded by lock: up to which failure, of the queue's and of others, everything was forgotten.
  private long repairedFailures;

  /**
   * Of one unit.
   *
   * @param statusPa eight bytes of zeros, aligned, for the number
   * @param drain the bits of IOTLB commands with which they wait for requests under way
   */
  Waiter(HardwareMemory memory, CommandQueue queue, long statusPa, boolean scalable, long drain) {
    this.memory = memory;
    this.queue = queue;
    this.statusPa = statusPa;
    this.scalable = scalable;
    this.drain = drain;
  }

  /** What is put later is begun when all that was put before is complete. */
  void fence() {
    put(true);
  }

  /**
   * Returns when all that was put is complete.
   *
   * @throws PageTableException with {@link Reason#TOOL}; nothing is known of what is cached then
   */
  void complete() {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      boolean reached = reach();
      long failures = failures();
      if (reached && repaired(failures)) {
        return;
      }
      forgetEverything();
      if (reach()) {
        // An error among these commands counts again.
        noteRepaired(failures);
      }
    }
    throw PageTableException.because(Reason.TOOL, "the unit completes what it is asked to forget")
        .hex("statusPa", statusPa)
        .with("status", status())
        .with("seconds", TRIES * TRY_NANOS / 1_000_000_000L)
        .with("queue", queue.counts())
        .build();
  }

  /**
   * A step failed midway: the unit may have read what it should not know. Every later {@link
   * #complete} makes it forget everything, until one succeeds.
   */
  void unsettle() {
    synchronized (lock) {
      unsettled++;
    }
  }

  private long failures() {
    synchronized (lock) {
      return queue.counts().errors() + unsettled;
    }
  }

  private boolean reach() {
    int number = put(false);
    queue.drain();
    return await(number);
  }

  /** Contexts before what they lead to. */
  void forgetEverything() {
    queue.put(Descriptors.allContexts(), 0);
    if (scalable) {
      queue.put(Descriptors.everyPasidEntry(), 0);
    }
    fence();
    queue.put(Descriptors.everyIotlb(drain), 0);
  }

  private int put(boolean fence) {
    synchronized (lock) {
      int number = ++lastNumber;
      queue.put(Descriptors.await(number, fence), statusPa);
      return number;
    }
  }

  private boolean repaired(long failures) {
    synchronized (lock) {
      return failures <= repairedFailures;
    }
  }

  private void noteRepaired(long failures) {
    synchronized (lock) {
      repairedFailures = Math.max(repairedFailures, failures);
    }
  }

  private boolean await(int number) {
    long begin = System.nanoTime();
    for (int tries = 0; status() - number < 0; tries++) {
      if (tries > SpinWait.SPINS && System.nanoTime() - begin > TRY_NANOS) {
        return false;
      }
      SpinWait.pause(tries);
    }
    return true;
  }

  /** The number that the unit wrote last: the first four bytes. */
  private int status() {
    return (int) Memory.load(memory, statusPa);
  }
}
