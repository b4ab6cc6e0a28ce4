package dev.memdesc.tck.iommu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A VT-d unit without a device: registers (VT-d 11.4), the invalidation queue (6.5.2) and fault
 * records (7.2), from the manual's numbers and none of the backend's.
 */
public final class IntelModel implements ModelUnit {
  /** 57 bits, all page sizes of both stages, 8 fault records at 0x220, AM up to 18, 2^16 ids. */
  private static final long CAP = 0x11D2_078C_2278_0E06L;

  /** A queue, SNP, PASIDs of 20 bits, nesting, scalable mode with both stages, their A and D. */
  private static final long ECAP = 0xE998_0400_0F82L;

  /** Of {@link #ECAP}, the bits of scalable mode. */
  private static final long SCALABLE = 0xE998_0400_0000L;

  private static final int VER = 0x00;
  private static final int CAP_AT = 0x08;
  private static final int ECAP_AT = 0x10;
  private static final int GCMD = 0x18;
  private static final int GSTS = 0x1C;
  private static final int RTADDR = 0x20;
  private static final int FSTS = 0x34;
  private static final int IQH = 0x80;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;
  private static final long TE = 1L << 31;
  private static final long RTPS = 1L << 30;
  private static final long QIE = 1L << 26;
  private static final long IQE = 1L << 4;
  private static final long PAGE = -1L << 12;

  private final HardwareMemory memory;
  private final long cap;
  private final long ecap;
  private final IntelFaultRecords faults;
  private final SortedMap<String, Long> commands = new TreeMap<>();
  private long status;
  private long root;
  private long latchedRoot;
  private long queue;
  private long head;
  private long tail;
  private boolean queueError;
  private boolean paused;
  private boolean refuse;
  private long invalidations;
  private long completions;

  private IntelModel(HardwareMemory memory, long cap, long ecap) {
    this.memory = memory;
    this.cap = cap;
    this.ecap = ecap;
    int first = (int) (cap >>> 24 & 0x3FF) * 16;
    this.faults = new IntelFaultRecords(first, (int) (cap >>> 40 & 0xFF) + 1);
  }

  /** A unit in scalable mode that has everything, as after a reset. */
  public static IntelModel scalable(HardwareMemory memory) {
    return new IntelModel(memory, CAP, ECAP);
  }

  /** A unit that only knows legacy mode. */
  public static IntelModel legacy(HardwareMemory memory) {
    return new IntelModel(memory, CAP, ECAP & ~SCALABLE);
  }

  /** A unit with other capability registers. */
  public static IntelModel with(HardwareMemory memory, long cap, long ecap) {
    return new IntelModel(memory, cap, ecap);
  }

  @Override
  public synchronized long read32(int offset) {
    return switch (offset) {
      case VER -> 0x10;
      case GSTS -> status;
      case FSTS -> faults.status() | (queueError ? IQE : 0);
      default -> faults.has(offset) ? faults.read32(offset) : unknown(offset);
    };
  }

  @Override
  public synchronized long read64(int offset) {
    return switch (offset) {
      case CAP_AT -> cap;
      case ECAP_AT -> ecap;
      case RTADDR -> root;
      case IQH -> head;
      case IQT -> tail;
      case IQA -> queue;
      default -> faults.has(offset) ? faults.read64(offset) : unknown(offset);
    };
  }

  @Override
  public synchronized void write32(int offset, long value) {
    switch (offset) {
      case GCMD -> command(value);
      case FSTS -> {
        queueError &= (value & IQE) == 0;
        faults.acknowledge(value);
      }
      default -> {
        if (!faults.has(offset)) {
          unknown(offset);
        }
        faults.write32(offset, value);
      }
    }
  }

  @Override
  public synchronized void write64(int offset, long value) {
    switch (offset) {
      case RTADDR -> root = value;
      case IQA -> queue = value;
      case IQT -> {
        tail = value & 0x7FFF0;
        consume();
      }
      default -> unknown(offset);
    }
  }

  private static long unknown(int offset) {
    throw PageTableException.because(Reason.TOOL, "a register of the unit has its width and use")
        .with("offset", "0x" + Integer.toHexString(offset))
        .build();
  }

  private void command(long value) {
    if ((value & QIE) == 0 || (status & QIE) == 0) {
      head = 0;
    }
    if ((value & RTPS) != 0) {
      latchedRoot = root;
    }
    if ((value & TE) != 0 && (status & RTPS) == 0) {
      throw PageTableException.because(Reason.TOOL, "translation begins after the root is set")
          .hex("GCMD", value)
          .hex("GSTS", status)
          .build();
    }
    status = (value & (TE | QIE)) | (status & RTPS) | (value & RTPS);
  }

  private void consume() {
    int entryLg2 = (queue & 1L << 11) != 0 ? 5 : 4;
    long bytes = 1L << (12 + (queue & 7));
    while ((status & QIE) != 0 && !paused && !queueError && head != tail) {
      long at = (queue & PAGE) + head;
      IntelCommand next =
          new IntelCommand(
              load(at),
              load(at + 8),
              entryLg2 == 5 ? load(at + 16) | load(at + 24) : 0,
              entryLg2 == 5,
              (int) (cap >>> 48 & 0x3F));
      if (refuse || !next.isLegal()) {
        refuse = false;
        queueError = true;
        return;
      }
      commands.merge(next.name(), 1L, Long::sum);
      invalidations += next.forgetsTranslations() ? 1 : 0;
      if (next.isWait()) {
        completions++;
        store32(next.statusPa(), next.data());
      }
      head = (head + (1L << entryLg2)) % bytes;
    }
  }

  private long load(long pa) {
    long word = memory.loadAcquire(pa);
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? Long.reverseBytes(word) : word;
  }

  private void store32(long pa, int value) {
    long at = pa & -8L;
    long old = load(at);
    int shift = (pa & 4) == 0 ? 0 : 32;
    long word = (old & ~(0xFFFF_FFFFL << shift)) | (value & 0xFFFF_FFFFL) << shift;
    memory.storeRelease(
        at, ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? Long.reverseBytes(word) : word);
  }

  @Override
  public synchronized SortedMap<String, Long> commands() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(commands));
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
    if ((status & TE) != 0) {
      int reason = new IntelStructures(this::load, latchedRoot, cap).reason(device, pasid, write);
      faults.record(device, pasid, iova, write, reason);
    }
  }

  @Override
  public int faultRoom() {
    return faults.room();
  }

  @Override
  public int unknownDevice() {
    return 1 << 16;
  }
}
