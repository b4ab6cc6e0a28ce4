package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;

/** Whether items of a format can lead to tables anywhere in a memory: else they are truncated. */
public final class PaReach {
  private PaReach() {}

  /**
   * Refuses a format whose tables cannot lie in a memory.
   *
   * @param firstPa the pa of the memory's first byte
   * @param bytes how much there is, 1 or more
   * @throws PageTableException with {@link Reason#PA_TOO_WIDE} if a pa of the memory has more bits
   *     than the format, or if tables that have to lie low find no memory there
   */
  public static void require(TableFormat format, long firstPa, long bytes) {
    long lastPa = firstPa + (bytes - 1);
    int bits = format.paBits();
    if (bits < Long.SIZE && lastPa >>> bits != 0) {
      throw tooHigh("a format must have all bits of the pa of its memory", format, firstPa, bytes)
          .with("paBits", bits)
          .hint("give less memory or a lower firstPa")
          .build();
    }
    for (LevelLayout level : format.largest().levels()) {
      Placement placement = level.table();
      long align = 1L << placement.alignLg2();
      long end = ((firstPa + align - 1) & -align) + placement.allBytes();
      if (Long.compareUnsigned(end, placement.paLimit()) > 0) {
        throw tooHigh(
                "memory must begin low enough for the format's tables", format, firstPa, bytes)
            .with("level", level.manualName())
            .hex("paLimit", placement.paLimit())
            .hint("give a lower firstPa")
            .build();
      }
    }
  }

  private static PageTableException.Builder tooHigh(
      String rule, TableFormat format, long firstPa, long bytes) {
    return PageTableException.because(Reason.PA_TOO_WIDE, rule)
        .hex("firstPa", firstPa)
        .hex("lastPa", firstPa + (bytes - 1))
        .with("format", format);
  }
}
