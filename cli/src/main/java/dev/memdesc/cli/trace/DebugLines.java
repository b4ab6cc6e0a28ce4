package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel's IOMMU code says with dynamic debugging ({@code file drivers/iommu/iommu.c +p}).
 *
 * <pre>
 *   iommu: map: iova 0xfffff000 pa 0x0000000104a3c000 size 0x1000
 *   iommu: mapping: iova 0xfffff000 pa 0x0000000104a3c000 pgsize 0x1000 count 1
 *   iommu: unmap this: iova 0xfffff000 size 0x1000
 *   iommu: unmapped: iova 0xfffff000 size 0x1000
 * </pre>
 *
 * <p>The first says the whole map and each of the second a part of it again: those are passed over.
 * An unmap is announced, then what goes is said leaf by leaf.
 */
final class DebugLines {
  private static final String HEX = "0x([0-9a-f]{1,16})";
  private static final Pattern LINE =
      Pattern.compile(
          "(?:(?:\\[\\d{1,10}]|<intr>) )?(?:[^\\s:]{1,64}:){0,3} ?iommu: (?:map: iova "
              + HEX
              + " pa "
              + HEX
              + " size "
              + HEX
              + "|(unmap this|unmapped): iova "
              + HEX
              + " size "
              + HEX
              + "|mapping: iova .*)\\s*");

  // Of the unmap that was announced last: where it goes on and what is left of it.
  private long nextIova;
  private long left;

  DebugLines() {}

  /** Whether the message is one of them; if so, the line is filled. */
  boolean read(String text, TraceLine line) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      return false;
    }
    if (matcher.group(1) != null) {
      line.kind = Kind.MAP;
      line.iova = hex(matcher.group(1));
      line.pa = hex(matcher.group(2));
      line.size = hex(matcher.group(3));
    } else if (matcher.group(4) == null) {
      line.kind = Kind.SKIPPED;
    } else {
      unmap(matcher, line);
    }
    if (line.kind != Kind.SKIPPED && line.size < 0) {
      line.bad("has a size that no range has");
    }
    return true;
  }

  private void unmap(Matcher matcher, TraceLine line) {
    long iova = hex(matcher.group(5));
    long size = hex(matcher.group(6));
    if (matcher.group(4).equals("unmap this")) {
      nextIova = iova;
      left = size;
      line.kind = Kind.SKIPPED;
      return;
    }
    boolean announced = iova == nextIova && left > 0;
    line.kind = Kind.UNMAP;
    line.iova = iova;
    line.size = announced ? Math.min(left, size) : size;
    line.unmapped = size;
    nextIova += announced ? size : 0;
    left -= announced ? size : 0;
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
