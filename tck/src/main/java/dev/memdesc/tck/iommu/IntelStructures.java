package dev.memdesc.tck.iommu;

import java.util.function.LongUnaryOperator;

/**
 * What a VT-d unit finds in its structures for a request, as 3.4 and chapter 9 of the manual say,
 * and which fault reason it would give where nothing is mapped.
 *
 * @param memory the word at a pa
 * @param root RTADDR
 * @param cap CAP
 */
record IntelStructures(LongUnaryOperator memory, long root, long cap) {
  private static final long PAGE = -1L << 12;
  private static final int FIRST = 1;
  private static final int SECOND = 2;
  private static final int NESTED = 3;

  int reason(int device, int pasid, boolean write) {
    return (root >>> 10 & 3) == 0 ? legacy(device, write) : scalable(device, pasid, write);
  }

  private int legacy(int device, boolean write) {
    long table = memory.applyAsLong((root & PAGE) + (device >>> 8) * 16L);
    if ((table & 1) == 0) {
      return 0x1;
    }
    if ((table & 0xFFE) != 0) {
      return 0xA;
    }
    long entry = (table & PAGE) + (device & 0xFF) * 16L;
    long low = memory.applyAsLong(entry);
    long high = memory.applyAsLong(entry + 8);
    if ((low & 1) == 0) {
      return 0x2;
    }
    if ((low & 0xFF0) != 0 || (high & 0xFFFF_FFFF_FF00_0080L) != 0) {
      return 0xB;
    }
    return hasWidth((int) (high & 7)) && (low & 0xC) == 0 ? (write ? 0x5 : 0x6) : 0x3;
  }

  private boolean hasWidth(int width) {
    return (cap >>> 8 & 1L << width) != 0;
  }

  private int scalable(int device, int pasid, boolean write) {
    long table = memory.applyAsLong((root & PAGE) + (device >>> 8) * 16L + (device >>> 7 & 1) * 8L);
    if ((table & 1) == 0) {
      return 0x39;
    }
    long entry = (table & PAGE) + (device & 0x7F) * 32L;
    long context = memory.applyAsLong(entry);
    if ((context & 1) == 0) {
      return 0x41;
    }
    if ((context & 0x1E0) != 0 || memory.applyAsLong(entry + 16) != 0) {
      return 0x42;
    }
    if (pasid >= 0 && (context & 8) == 0) {
      return 0x45;
    }
    long used = pasid >= 0 ? pasid : memory.applyAsLong(entry + 8) & 0xFFFFF;
    if (used >>> 6 >= 1L << ((context >>> 9 & 7) + 7)) {
      return 0x46;
    }
    long directory = memory.applyAsLong((context & PAGE) + (used >>> 6) * 8);
    return (directory & 1) == 0 ? 0x51 : pasidEntry((directory & PAGE) + (used & 63) * 64, write);
  }

  private int pasidEntry(long entry, boolean write) {
    long low = memory.applyAsLong(entry);
    if ((low & 1) == 0) {
      return 0x59;
    }
    if ((low & 0xC00) != 0 || memory.applyAsLong(entry + 24) != 0) {
      return 0x5A;
    }
    int type = (int) (low >>> 6 & 7);
    if (type == FIRST || type == NESTED) {
      return (memory.applyAsLong(entry + 16) & PAGE) == 0 ? 0x5B : 0x71;
    }
    boolean legal = type == SECOND && hasWidth((int) (low >>> 2 & 7));
    return legal ? (write ? 0x5 : 0x6) : 0x5B;
  }
}
