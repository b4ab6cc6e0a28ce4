package dev.memdesc.tck.iommu;

import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An SMMUv3 without a device behind it: IHI 0070 chapters 3, 4, 6 and 7. Both stages, StreamIDs of
 * 16 bits in two levels, SubstreamIDs of 12 bits in two levels, ranges, 48-bit addresses; no ATS,
 * PRI, stalls or messages.
 */
final class ArmSmmuModel implements ModelUnit {
  /** Bits of a StreamID and of a SubstreamID. */
  static final int SID_BITS = 16;

  static final int SSID_BITS = 12;

  private static final int IDR0 = 0x00;
  private static final int IDR1 = 0x04;
  private static final int IDR3 = 0x0C;
  private static final int IDR5 = 0x14;
  private static final int CR0 = 0x20;
  private static final int CR0ACK = 0x24;
  private static final int GERROR = 0x60;
  private static final int GERRORN = 0x64;
  private static final int STRTAB_BASE = 0x80;
  private static final int STRTAB_BASE_CFG = 0x88;
  private static final int CMDQ_BASE = 0x90;
  private static final int CMDQ_PROD = 0x98;
  private static final int CMDQ_CONS = 0x9C;
  private static final int EVENTQ_BASE = 0xA0;
  private static final int EVENTQ_PROD = 0x1_00A8;
  private static final int EVENTQ_CONS = 0x1_00AC;

  // S2P, S1P, AArch64 tables, coherent, 16 bits of ASID and VMID, CD2L, TERM_MODEL, two levels.
  private static final long IDR0_VALUE = 0x0C0C_101BL;
  // Queues of up to 2^19, SSIDSIZE, SIDSIZE.
  private static final long IDR1_VALUE = 19 << 21 | 19 << 16 | SSID_BITS << 6 | SID_BITS;
  // RIL.
  private static final long IDR3_VALUE = 1 << 10;
  // 64K, 16K, 4K; 48 bits.
  private static final long IDR5_VALUE = 0x75;

  private static final long SMMUEN = 1;
  private static final long EVENTQEN = 1 << 2;
  private static final long CMDQEN = 1 << 3;
  private static final long CMDQ_ERR = 1;
  private static final long CERROR_ILL = 1;
  private static final int ERR_SHIFT = 24;
  private static final long OVERFLOW = 1L << 31;
  private static final long QUEUE_ADDRESS = 0x000F_FFFF_FFFF_FFE0L;
  private static final long QUEUE_LOG2SIZE = 0x1F;

  private final HardwareMemory memory;
  private final ArmSmmuStructures structures;
  private final SortedMap<String, Long> completed = new TreeMap<>();
  private long invalidations;
  private long completions;
  private boolean paused;
  private boolean refuse;

  private long cr0;
  private long gerror;
  private long gerrorn;
  private long strtabBase;
  private long strtabConfig;
  private long commandBase;
  private long commandProd;
  private long commandCons;
  private long eventBase;
  private long eventProd;
  private long eventCons;

  ArmSmmuModel(HardwareMemory memory) {
    this.memory = memory;
    this.structures = new ArmSmmuStructures(this::load);
  }

  private long load(long pa) {
    long word = memory.loadAcquire(pa);
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? word : Long.reverseBytes(word);
  }

  private void store(long pa, long word) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    memory.storeRelease(pa, little ? word : Long.reverseBytes(word));
  }

  @Override
  public synchronized long read32(int offset) {
    return switch (offset) {
      case IDR0 -> IDR0_VALUE;
      case IDR1 -> IDR1_VALUE;
      case IDR3 -> IDR3_VALUE;
      case IDR5 -> IDR5_VALUE;
      case CR0, CR0ACK -> cr0;
      case GERROR -> gerror;
      case GERRORN -> gerrorn;
      case STRTAB_BASE_CFG -> strtabConfig;
      case CMDQ_PROD -> commandProd;
      case CMDQ_CONS -> commandCons;
      case EVENTQ_PROD -> eventProd;
      case EVENTQ_CONS -> eventCons;
      default -> 0;
    };
  }

  @Override
  public synchronized long read64(int offset) {
    return switch (offset) {
      case STRTAB_BASE -> strtabBase;
      case CMDQ_BASE -> commandBase;
      case EVENTQ_BASE -> eventBase;
      default -> 0;
    };
  }

  @Override
  public synchronized void write32(int offset, long value) {
    long word = value & 0xFFFF_FFFFL;
    switch (offset) {
      case CR0 -> {
        cr0 = word;
        consume();
      }
      case GERRORN -> {
        gerrorn = word;
        consume();
      }
      case STRTAB_BASE_CFG -> strtabConfig = word;
      case CMDQ_PROD -> {
        commandProd = word;
        consume();
      }
      case CMDQ_CONS -> commandCons = word;
      case EVENTQ_PROD -> eventProd = word;
      case EVENTQ_CONS -> eventCons = word;
      default -> {
        // Attributes, and what is read only.
      }
    }
  }

  @Override
  public synchronized void write64(int offset, long value) {
    switch (offset) {
      case STRTAB_BASE -> strtabBase = value;
      case CMDQ_BASE -> commandBase = value;
      case EVENTQ_BASE -> eventBase = value;
      default -> {
        // Messages, which this unit does not send.
      }
    }
  }

  private static long wrapMask(long base) {
    return (2L << (base & QUEUE_LOG2SIZE)) - 1;
  }

  private static long slot(long base, long index, int bytesLg2) {
    return (base & QUEUE_ADDRESS) + ((index & wrapMask(base) >> 1) << bytesLg2);
  }

  private void consume() {
    while (!paused
        && (cr0 & CMDQEN) != 0
        && ((gerror ^ gerrorn) & CMDQ_ERR) == 0
        && ((commandProd ^ commandCons) & wrapMask(commandBase)) != 0) {
      long at = slot(commandBase, commandCons, 4);
      ArmSmmuCommand command = ArmSmmuCommand.of(load(at), load(at + 8));
      if (refuse || command == null) {
        refuse = false;
        commandCons = (commandCons & wrapMask(commandBase)) | CERROR_ILL << ERR_SHIFT;
        gerror ^= CMDQ_ERR;
        return;
      }
      complete(command);
      commandCons =
          (commandCons & ~wrapMask(commandBase)) | ((commandCons + 1) & wrapMask(commandBase));
    }
  }

  private void complete(ArmSmmuCommand command) {
    completed.merge(command.name(), 1L, Long::sum);
    if (command.isInvalidation()) {
      invalidations++;
    } else if (command.isSync()) {
      completions++;
    } else {
      structures.forget(command);
    }
  }

  @Override
  public synchronized SortedMap<String, Long> commands() {
    return new TreeMap<>(completed);
  }

  @Override
  public synchronized long invalidations() {
    return invalidations;
  }

  @Override
  public synchronized long completions() {
    return completions;
  }

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public synchronized void resume() {
    refuse = false;
    paused = false;
    consume();
  }

  @Override
  public synchronized void refuseNext() {
    refuse = true;
  }

  @Override
  public synchronized void request(int device, int pasid, long iova, boolean write) {
    if ((cr0 & SMMUEN) == 0) {
      return;
    }
    long[] event = structures.request(strtabBase, strtabConfig, device, pasid, iova, write);
    if (event.length != 0) {
      record(event);
    }
  }

  private void record(long[] event) {
    if ((cr0 & EVENTQEN) == 0) {
      return;
    }
    if (faultRoom() == 0) {
      if (((eventProd ^ eventCons) & OVERFLOW) == 0) {
        eventProd ^= OVERFLOW;
      }
      return;
    }
    long at = slot(eventBase, eventProd, 5);
    for (int i = 0; i < event.length; i++) {
      store(at + 8L * i, event[i]);
    }
    long wrap = wrapMask(eventBase);
    eventProd = (eventProd & OVERFLOW) | ((eventProd + 1) & wrap);
  }

  @Override
  public synchronized int faultRoom() {
    long wrap = wrapMask(eventBase);
    return (int) ((wrap + 1) / 2 - ((eventProd - eventCons) & wrap));
  }

  @Override
  public int unknownDevice() {
    return 1 << SID_BITS;
  }
}
