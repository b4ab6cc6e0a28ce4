package dev.memdesc.iommu.intel;

import dev.memdesc.api.IommuFault;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitRegisters;
import java.util.function.Consumer;

/**
 * The fault records: VT-d 7.2 "Fault Reporting", 11.4.15 "Fault Recording Registers".
 *
 * <pre>
 *          63 62 61 60 59       40 39     32  31  30   29   28      16 15       0
 *         +--+--+-----+-----------+---------+---+----+----+--+--------+----------+
 *  word 1 |F |T1| AT  |    PV     |   FR    |PP |EXE |PRIV|T2|   0    |   SID    |
 *  word 0 |          FI: the iova without its low 12 bits      |    0            |
 *         +-------------------------------------------------------------------+
 * </pre>
 *
 * <p>PV, the PASID, holds something only where PP says so. A unit with all its records in use drops
 * further faults and sets PFO, without a count.
 */
final class Faults {
  private static final long F = 1L << 63;
  private static final long T1_READ = 1L << 62;
  private static final int PV_SHIFT = 40;
  private static final int PV_MASK = 0xFFFFF;
  private static final int FR_SHIFT = 32;
  private static final int FR_MASK = 0xFF;
  private static final long PP = 1L << 31;
  private static final int SID_MASK = 0xFFFF;
  private static final long FI_MASK = -1L << SecondStage.FRAME_LG2;

  private final UnitRegisters registers;
  private final int first;
  private final int count;

  Faults(UnitRegisters registers, Capabilities unit) {
    this.registers = registers;
    this.first = unit.faultRecords();
    this.count = unit.faultRecordCount();
  }

  /** Takes every fault, oldest first; 1 if some were lost, else 0. */
  synchronized long take(Consumer<IommuFault> sink) {
    long status = registers.read32(Registers.FSTS);
    if ((status & (Registers.FSTS_PPF | Registers.FSTS_PFO)) == 0) {
      return 0;
    }
    int index = (int) (status >>> Registers.FSTS_FRI_SHIFT & Registers.FSTS_FRI_MASK) % count;
    for (int i = 0; i < count; i++) {
      int record = first + (index + i) % count * Registers.FRCD_BYTES;
      long high = registers.read64(record + Registers.FRCD_HIGH);
      if ((high & F) == 0) {
        break;
      }
      IommuFault fault = decode(registers.read64(record), high);
      registers.write32(record + Registers.FRCD_LAST, Registers.FRCD_LAST_F);
      sink.accept(fault);
    }
    // After the records: what was lost is said once, and later faults find room.
    if ((registers.read32(Registers.FSTS) & Registers.FSTS_PFO) == 0) {
      return 0;
    }
    registers.write32(Registers.FSTS, Registers.FSTS_PFO);
    return 1;
  }

  /** RID_PASID stands for requests without one: no request can name it itself. */
  private static int pasid(long high) {
    int pasid = (int) (high >>> PV_SHIFT) & PV_MASK;
    return (high & PP) == 0 || pasid == ScalableContexts.RID_PASID ? UnitDomain.NO_PASID : pasid;
  }

  /** The fault in a record. */
  static IommuFault decode(long low, long high) {
    int code = (int) (high >>> FR_SHIFT) & FR_MASK;
    FaultReason reason = FaultReason.of(code);
    return new IommuFault(
        (int) high & SID_MASK,
        pasid(high),
        low & FI_MASK,
        (high & T1_READ) == 0,
        reason.kind(),
        code,
        reason.manualName());
  }
}
