package dev.memdesc.core;

import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.engine.TinyFormat;
import java.nio.ByteOrder;
import java.util.List;

/** Variants of the tiny test format, for what it does not have itself. */
public final class TinyFormats {
  /** What a mirrored entry has in the first half only: a software bit of a TABLE entry. */
  public static final long ADDED = 1L << 3;

  private TinyFormats() {}

  /** Items 0 and 1 of the root are kept twice, as in page-table isolation; no large leaves. */
  public static TableFormat mirrored() {
    return withRoot("tiny/mirrored", new Placement(32, 6, 32, -1L), new Mirror(2, ADDED));
  }

  /** The root has 96 bytes behind it that hardware does not walk as this table. */
  public static TableFormat shadowed() {
    return withRoot("tiny/shadowed", new Placement(32, 5, 96, -1L), Mirror.NONE);
  }

  /** The root lies below 1 KiB and is aligned to 256 bytes. */
  public static TableFormat lowRoot() {
    return withRoot("tiny/low-root", new Placement(32, 8, 0, 1 << 10), Mirror.NONE);
  }

  /** Items in the other byte order than this machine's. */
  public static TableFormat swapped() {
    TableFormat tiny = TinyFormat.FORMAT;
    ByteOrder other =
        tiny.order() == ByteOrder.LITTLE_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new TableFormat(
        "tiny/swapped",
        other,
        tiny.frameLg2(),
        tiny.va(),
        tiny.paBits(),
        tiny.levels(),
        tiny.capabilities(),
        tiny.codec());
  }

  private static TableFormat withRoot(String name, Placement placement, Mirror mirror) {
    TableFormat tiny = TinyFormat.FORMAT;
    LevelLayout high = tiny.level(1);
    LevelLayout root =
        new LevelLayout(
            high.manualName(),
            high.shift(),
            high.indexBits(),
            placement,
            high.empty(),
            high.emptyItem(),
            high.isTable(),
            high.tablePa(),
            high.tableConstant(),
            List.of(),
            high.accessed(),
            high.dirty(),
            mirror);
    return new TableFormat(
        name,
        tiny.order(),
        tiny.frameLg2(),
        tiny.va(),
        tiny.paBits(),
        List.of(tiny.level(0), root),
        tiny.capabilities(),
        tiny.codec());
  }
}
