package dev.memdesc.core.image;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The tables of one root in an image, read in the format's byte order. For one thread. */
public final class ImageTables {
  private final TableFormat format;
  private final MemoryImage image;
  private final long rootPa;
  private final ByteBuffer one;

  /**
   * Looks for the root.
   *
   * @throws PageTableException with {@link Reason#MISALIGNED} if no root can be there, {@link
   *     Reason#INPUT} if the image does not have all of it
   */
  public ImageTables(TableFormat format, MemoryImage image, long rootPa) {
    this.format = format;
    this.image = image;
    this.rootPa = rootPa;
    this.one = ByteBuffer.allocate(format.itemBytes()).order(format.order());
    int level = format.rootLevel();
    if (!isAligned(level, rootPa)) {
      throw PageTableException.because(Reason.MISALIGNED, "a root table is aligned")
          .hex("root", rootPa)
          .with("format", format)
          .with("alignBytes", alignBytes(level))
          .hint("a register's value has other bits too, which are no part of the pa")
          .build();
    }
    if (!load(level, rootPa, new long[format.level(level).items()])) {
      throw PageTableException.because(Reason.INPUT, "the file has the whole root table")
          .hex("root", rootPa)
          .with("bytes", format.level(level).table().bytes())
          .with("file", image)
          .build();
    }
  }

  /** The format. */
  public TableFormat format() {
    return format;
  }

  /** The pa of the root. */
  public long rootPa() {
    return rootPa;
  }

  /** What a table is aligned to: itself, or less; not what is beside it, such as a shadow. */
  private int alignBytes(int level) {
    int bytes = format.level(level).table().bytes();
    return Math.min(bytes, 1 << format.level(level).table().alignLg2());
  }

  /** Whether a table of a level can be at a pa. */
  boolean isAligned(int level, long pa) {
    return (pa & (alignBytes(level) - 1)) == 0;
  }

  /** Reads the items of the table at a pa; whether the image has them all. */
  boolean load(int level, long pa, long[] items) {
    ByteBuffer bytes =
        ByteBuffer.allocate(format.level(level).table().bytes()).order(format.order());
    if (!image.read(pa, bytes)) {
      return false;
    }
    bytes.flip();
    for (int index = 0; index < items.length && bytes.hasRemaining(); index++) {
      items[index] = item(bytes);
    }
    return true;
  }

  /** The next item of a buffer, zero-extended. */
  private long item(ByteBuffer bytes) {
    return format.itemBytes() == Long.BYTES
        ? bytes.getLong()
        : Integer.toUnsignedLong(bytes.getInt());
  }

  /**
   * Goes the way that hardware goes.
   *
   * @throws PageTableException with {@link Reason#VA_OUTSIDE_FORMAT}, {@link Reason#INPUT}
   */
  public ImagePath path(long va) {
    format.checkVa(va);
    List<ImagePath.Step> steps = new ArrayList<>();
    long table = rootPa;
    for (int level = format.rootLevel(); ; level--) {
      LevelLayout layout = format.level(level);
      long itemPa = table + layout.offset(va);
      if (!image.read(itemPa, one.clear())) {
        return new ImagePath(va, steps, ImagePath.End.TABLE_OUTSIDE, table);
      }
      long item = item(one.flip());
      steps.add(new ImagePath.Step(level, layout.index(va), itemPa, item));
      switch (layout.kind(item)) {
        case TABLE -> table = layout.tablePa().decode(item);
        case LEAF -> {
          long pa = Objects.requireNonNull(layout.leafOf(item)).translate(item, va);
          return new ImagePath(va, steps, ImagePath.End.MAPPED, pa);
        }
        case EMPTY -> {
          return new ImagePath(va, steps, ImagePath.End.EMPTY, 0);
        }
        case SOFT -> {
          return new ImagePath(va, steps, ImagePath.End.SOFT, 0);
        }
        case INVALID -> {
          return new ImagePath(va, steps, ImagePath.End.INVALID, 0);
        }
      }
      if (!isAligned(level - 1, table)) {
        return new ImagePath(va, steps, ImagePath.End.TABLE_MISALIGNED, table);
      }
    }
  }
}
