package dev.memdesc.iommu.smmu;

import dev.memdesc.api.spi.QueueEnds;
import dev.memdesc.api.spi.UnitRegisters;
import org.jspecify.annotations.Nullable;

/**
 * The command queue in the unit's registers: IHI 0070 section 3.5 "Command and Event queues". Both
 * indices have one bit more than the ring, which says whether a queue whose indices agree is full.
 *
 * <p>At a command that it does not understand the unit stops: SMMU_GERROR.CMDQ_ERR, and why in
 * SMMU_CMDQ_CONS.ERR (IHI 0070 section 7.1 "Command queue errors").
 */
final class CommandEnds implements QueueEnds {
  private static final int ERR_SHIFT = 24;
  private static final int ERR_MASK = 0x7F;

  private final UnitRegisters registers;
  private final GlobalErrors errors;
  private final int entriesLg2;
  // How many commands were refused; each may have been about structures.
  private volatile int refused;

  CommandEnds(UnitRegisters registers, GlobalErrors errors, int entriesLg2) {
    this.registers = registers;
    this.errors = errors;
    this.entriesLg2 = entriesLg2;
  }

  /** A command was refused since this said another number. */
  int refused() {
    return refused;
  }

  @Override
  public void publish(long produced) {
    registers.write32(Registers.CMDQ_PROD, produced & (2L << entriesLg2) - 1);
  }

  @Override
  public int consumerIndex() {
    return (int) registers.read32(Registers.CMDQ_CONS) & (1 << entriesLg2) - 1;
  }

  @Override
  public @Nullable String stopped() {
    if (!errors.isActive(Registers.CMDQ_ERR)) {
      return null;
    }
    return switch ((int) (registers.read32(Registers.CMDQ_CONS) >>> ERR_SHIFT) & ERR_MASK) {
      case 1 -> "CERROR_ILL";
      case 2 -> "CERROR_ABT";
      case 3 -> "CERROR_ATC_INV_SYNC";
      default -> "an error of an unknown code";
    };
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // the queue calls it from one thread at a time
  public void resume() {
    refused++;
    errors.acknowledge(Registers.CMDQ_ERR);
  }

  @Override
  public long[] forgetAll() {
    Command all = Command.tlbiNsnhAll();
    return new long[] {all.word0(), all.word1()};
  }
}
