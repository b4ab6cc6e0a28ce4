package dev.memdesc.tck.iommu;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Stream table and context descriptors as an SMMUv3 finds them, with a cache that forgets only what
 * a CFGI command says: IHI 0070 sections 3.3, 5 and 7.3. A request that reaches a stage whose
 * structures are sound faults as not mapped.
 */
final class ArmSmmuStructures {
  private static final long[] NOTHING = {};

  private static final int C_BAD_STREAMID = 0x02;
  private static final int C_BAD_STE = 0x04;
  private static final int C_BAD_SUBSTREAMID = 0x08;
  private static final int C_BAD_CD = 0x0A;
  private static final int F_TRANSLATION = 0x10;

  private static final long ADDRESS = 0x000F_FFFF_FFFF_FFC0L;
  private static final int STE_LG2 = 6;
  private static final int ABORT = 0;
  private static final int BYPASS = 4;
  private static final int STAGE_ONE = 1;
  private static final int STAGE_TWO = 2;

  private final LongUnaryOperator load;
  private final Map<Integer, long[]> streams = new HashMap<>();
  private final Map<Long, long[]> contexts = new HashMap<>();

  ArmSmmuStructures(LongUnaryOperator load) {
    this.load = load;
  }

  void forget(ArmSmmuCommand command) {
    streams.keySet().removeIf(command::forgetsStream);
    contexts.keySet().removeIf(key -> command.forgetsContext((int) (key >>> 32), key.intValue()));
  }

  /** The record that a request makes; none if it is let through or refused silently. */
  long[] request(long base, long config, int sid, int ssid, long iova, boolean write) {
    long entry = streamEntry(base, config, sid);
    if (entry < 0) {
      return event(C_BAD_STREAMID, sid, ssid, 0, 0);
    }
    long[] ste = streams.computeIfAbsent(sid, key -> words(entry, 4));
    int mode = (int) (ste[0] >>> 1) & 7;
    if ((ste[0] & 1) == 0) {
      return event(C_BAD_STE, sid, ssid, 0, 0);
    }
    if (mode == ABORT || mode == BYPASS) {
      return NOTHING;
    }
    if ((mode & STAGE_TWO) != 0 && ((ste[2] >>> 51 & 1) == 0 || ste[3] == 0)) {
      return event(C_BAD_STE, sid, ssid, 0, 0);
    }
    int fault = (mode & STAGE_ONE) == 0 ? stageTwoAlone(ssid) : context(ste, sid, ssid);
    if (fault != 0) {
      return event(fault, sid, ssid, 0, 0);
    }
    boolean stageTwo = (mode & STAGE_ONE) == 0;
    long how = (write ? 0 : 1L << 35) | (stageTwo ? 1L << 39 : 0) | 2L << 40;
    return event(F_TRANSLATION, sid, ssid, how, iova);
  }

  private static int stageTwoAlone(int ssid) {
    return ssid < 0 ? 0 : C_BAD_SUBSTREAMID;
  }

  /** Looks a context descriptor up; 0 if it is sound. */
  private int context(long[] ste, int sid, int ssid) {
    int maxLg2 = (int) (ste[0] >>> 59);
    long substreamsDefault = ste[1] & 3;
    if (ssid >= 0 && (ssid >>> maxLg2 != 0 || (ssid == 0 && substreamsDefault == 2))) {
      return C_BAD_SUBSTREAMID;
    }
    int index = Math.max(ssid, 0);
    long entry = contextEntry(ste[0], index);
    if (entry < 0) {
      return C_BAD_SUBSTREAMID;
    }
    long[] cd = contexts.computeIfAbsent((long) sid << 32 | index, key -> words(entry, 4));
    boolean sound =
        (cd[0] >>> 31 & 1) == 1 // V
            && (cd[0] >>> 41 & 1) == 1 // AA64
            && (cd[0] >>> 46 & 1) == 1 // A: the unit has no other way to end a request
            && (cd[0] & 0x3F) >= 16; // T0SZ
    return sound ? 0 : C_BAD_CD;
  }

  /** The pa of a stream table entry, or -1. */
  private long streamEntry(long base, long config, int sid) {
    int lg2 = (int) config & 0x3F;
    if (sid >>> lg2 != 0) {
      return -1;
    }
    long first = base & ADDRESS;
    if ((config >>> 16 & 3) == 0) {
      return first + ((long) sid << STE_LG2);
    }
    int split = (int) (config >>> 6) & 0x1F;
    long item = load.applyAsLong(first + ((sid >>> split) * 8L));
    int span = (int) item & 0x1F;
    int index = sid & (1 << split) - 1;
    if (span == 0 || span > split + 1 || index >>> (span - 1) != 0) {
      return -1;
    }
    return (item & ADDRESS) + ((long) index << STE_LG2);
  }

  /** The pa of a context descriptor, or -1. */
  private long contextEntry(long dw0, int ssid) {
    long first = dw0 & ADDRESS;
    int format = (int) (dw0 >>> 4) & 3;
    if (format == 0) {
      return first + ((long) ssid << STE_LG2);
    }
    int split = format == 1 ? 6 : 10;
    long item = load.applyAsLong(first + ((ssid >>> split) * 8L));
    if ((item & 1) == 0) {
      return -1;
    }
    return (item & ADDRESS & -1L << 12) + ((ssid & (1L << split) - 1) << STE_LG2);
  }

  private long[] words(long pa, int count) {
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] = load.applyAsLong(pa + 8L * i);
    }
    return words;
  }

  private static long[] event(int type, int sid, int ssid, long how, long iova) {
    long who = (long) sid << 32 | (ssid < 0 ? 0 : 1 << 11 | (long) ssid << 12);
    return new long[] {who | type, how, iova, 0};
  }
}
