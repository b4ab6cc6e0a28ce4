package dev.memdesc.iommu.intel;

import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.api.spi.UnitRegisters;
import org.jspecify.annotations.Nullable;

/**
 * The two ends of the invalidation queue: VT-d 6.5.2.
 *
 * <pre>
 *       63        19 18          5 4  0
 *      +------------+-------------+----+
 *  IQT |     0      |    index    | 0  |   descriptors of 256 bits; of 128 bits the index begins
 *  IQH |     0      |    index    | 0  |   at bit 4
 *      +------------+-------------+----+
 * </pre>
 *
 * <p>The unit stops at a descriptor that it cannot execute, with IQE. When a device does not answer
 * an invalidation of its own caches, ITE, what waited for it is given up; {@link Waiter} asks
 * again.
 */
final class QueueRegisters implements QueueEnds {
  private final UnitRegisters registers;
  private final int entriesLg2;
  private final int entryLg2;
  private final long forgetAll;
  // Written under the queue's lock, which also guards resume.
  private volatile long tail;

  QueueRegisters(UnitRegisters registers, int entriesLg2, int entryLg2, long drain) {
    this.registers = registers;
    this.entriesLg2 = entriesLg2;
    this.entryLg2 = entryLg2;
    this.forgetAll = Descriptors.everyIotlb(drain);
  }

  @Override
  public void publish(long produced) {
    tail = (produced & (1L << entriesLg2) - 1) << entryLg2;
    registers.write64(Registers.IQT, tail);
  }

  @Override
  public int consumerIndex() {
    return (int) (registers.read64(Registers.IQH) >>> entryLg2) & (1 << entriesLg2) - 1;
  }

  @Override
  public @Nullable String stopped() {
    long status = registers.read32(Registers.FSTS);
    if ((status & Registers.FSTS_IQE) != 0) {
      return "IQE";
    }
    if ((status & Registers.FSTS_ITE) != 0) {
      return "ITE";
    }
    return (status & Registers.FSTS_ICE) != 0 ? "ICE" : null;
  }

  @Override
  public void resume() {
    registers.write32(Registers.FSTS, Registers.FSTS_QUEUE_ERRORS);
    registers.write64(Registers.IQT, tail);
  }

  /**
   * Every translation. Contexts need a command of their own, which {@link Waiter} adds when it sees
   * that a command was replaced.
   */
  @Override
  public long[] forgetAll() {
    return new long[] {forgetAll, 0};
  }
}
