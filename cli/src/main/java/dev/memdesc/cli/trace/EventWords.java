package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Kind;

/**
 * The words in which a kernel prints a map or unmap event.
 *
 * <pre>
 *   IOMMU: iova=0xN - 0xN paddr=0xN size=4096                     older kernels print no end
 *   IOMMU: iova=0xN - 0xN size=4096 unmapped_size=4096
 *   IOMMU: iova=0xN paddr=0xN size=0x1000                         the first kernels with these events
 *   IOMMU: iova=0xN size=0x1000
 *   IOMMU:kgsl-3d0 iova=0xN paddr=0xN size=0x1000 prot=0x3        Qualcomm's and Android's
 *   IOMMU:kgsl-3d0 iova=0xN size=0x1000 unmapped_size=0x1000
 *   IOMMU:kgsl-3d0 iova=0xN size=0x8000 prot=0x3                  map_sg
 *   IOMMU: dev=1d84000.ufshc iova=0xN paddr=0xN size=4096
 * </pre>
 */
final class EventWords {
  private static final byte[] MARK = TraceParser.bytes("IOMMU:");

  /** How many bytes there are before an event's fields. */
  static final int MARK_BYTES = 6;

  private static final byte[] DEVICE = TraceParser.bytes(" dev=");
  private static final byte[] IOVA = TraceParser.bytes(" iova=0x");
  private static final byte[] END = TraceParser.bytes(" - 0x");
  private static final byte[] PA = TraceParser.bytes(" paddr=0x");
  private static final byte[] SIZE = TraceParser.bytes(" size=");
  private static final byte[] UNMAPPED = TraceParser.bytes(" unmapped_size=");
  private static final byte[] PROTECTION = TraceParser.bytes(" prot=");

  private final ByteCursor cursor = new ByteCursor();
  private final Names names = new Names();

  EventWords() {}

  /** Whether the text is an iommu event's. */
  static boolean begins(byte[] text, int from, int to) {
    return to - from >= MARK_BYTES && isAt(text, from);
  }

  /** Whether such a text is anywhere in the range. */
  static boolean isIn(byte[] text, int from, int to) {
    for (int i = from; i <= to - MARK_BYTES; i++) {
      if (isAt(text, i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a text has what only a map or unmap event has, whatever became of the rest. */
  static boolean isRangeIn(String text) {
    int iova = text.indexOf(" iova=0x");
    return iova >= 0 && text.indexOf(" size=", iova) >= 0;
  }

  private static boolean isAt(byte[] text, int from) {
    for (int i = 0; i < MARK_BYTES; i++) {
      if (text[from + i] != MARK[i]) {
        return false;
      }
    }
    return true;
  }

  /** Fills the line from a text that begins with the mark. */
  void range(Kind kind, byte[] text, int from, int to, TraceLine line) {
    cursor.set(text, from + MARK_BYTES, to);
    if (cursor.skip(DEVICE) || !cursor.atBlank()) {
      line.domain = name(text);
    }
    cursor.expect(IOVA);
    long iova = cursor.hex();
    boolean hasEnd = cursor.skip(END);
    long end = hasEnd ? cursor.hex() : 0;
    if (kind == Kind.MAP) {
      cursor.expect(PA);
      line.pa = cursor.hex();
    }
    cursor.expect(SIZE);
    boolean hexadecimal = cursor.atPrefix();
    long size = cursor.number();
    if (kind == Kind.UNMAP) {
      if (cursor.skip(UNMAPPED)) {
        line.unmapped = cursor.number();
      } else {
        // Where the size is decimal the kernel says both: without the second the line is cut off.
        line.unmapped = hexadecimal || hasEnd ? size : -1;
      }
    } else if (cursor.skip(PROTECTION)) {
      cursor.number();
    }
    cursor.skipBlanks();
    line.iova = iova;
    line.size = size;
    line.kind = kind;
    boolean negative = size < 0 || (kind == Kind.UNMAP && line.unmapped < 0);
    if (cursor.failed() || !cursor.atEnd() || negative) {
      line.bad(
          switch (kind) {
            case MAP -> "is not IOMMU: iova=0xN - 0xN paddr=0xN size=N";
            case MAP_SG -> "is not IOMMU: iova=0xN size=N";
            default -> "is not IOMMU: iova=0xN - 0xN size=N unmapped_size=N";
          });
    } else if (hasEnd && end != iova + size) {
      line.bad("does not end where its size says");
    }
  }

  private String name(byte[] text) {
    int first = cursor.position();
    cursor.skipWord();
    int last = cursor.position();
    if (last - first > Names.MOST_BYTES || last == first) {
      cursor.fail();
      return "";
    }
    return names.of(text, first, last);
  }
}
