package dev.memdesc.core.engine;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * The smallest format that still has everything: two levels of four items, 32-byte frames, 32- and
 * 128-byte leaves, SOFT entries, an EMPTY pattern that is not zero, software accessed and dirty. No
 * machine has it; it is what the un-stamped engine runs on.
 *
 * <pre>
 *   63                              5   4    3    2    1    0
 *  +---------------------------------+----+----+----+----+----+
 *  | pa                              | W  | R  | L  | T  | I  |
 *  +---------------------------------+----+----+----+----+----+
 *   I invalid: EMPTY if the item is 1, else SOFT   T table   L large leaf   R W allowed accesses
 * </pre>
 */
public final class TinyFormat {
  private static final long INVALID = 1;
  private static final long TABLE = 1 << 1;
  private static final long LARGE = 1 << 2;
  private static final long READ = 1 << 3;
  private static final long WRITE = 1 << 4;
  private static final long FLAGS = 0x1F;
  private static final int FRAME_LG2 = 5;

  /** The format. */
  public static final TableFormat FORMAT =
      new TableFormat(
          "tiny/2-level",
          ByteOrder.nativeOrder(),
          FRAME_LG2,
          new VaRule(9, VaRule.Extension.ZERO),
          16,
          List.of(level("low", 0), level("high", 1)),
          Set.of(),
          new Codec());

  private TinyFormat() {}

  private static LevelLayout level(String name, int level) {
    int shift = FRAME_LG2 + 2 * level;
    long large = level == 0 ? 0 : LARGE;
    PaField leafPa = PaField.bits(15, shift);
    return new LevelLayout(
        name,
        shift,
        2,
        Placement.natural(FRAME_LG2),
        Test.set(INVALID),
        INVALID,
        level == 0 ? Test.NEVER : new Test(INVALID | TABLE, TABLE),
        PaField.bits(15, FRAME_LG2),
        TABLE,
        List.of(new Leaf(shift, new Test(INVALID | TABLE | LARGE, large), large, leafPa)),
        Test.NEVER,
        Test.NEVER,
        Mirror.NONE);
  }

  private static final class Codec implements EntryCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      Attributes rest = attributes.without(Access.READ, Access.WRITE);
      if (!rest.equals(Attributes.ofBits(0))) {
        throw PageTableException.because(Reason.ATTRIBUTE, "a tiny leaf says read and write only")
            .with("attributes", attributes)
            .build();
      }
      return (attributes.has(Access.READ) ? READ : 0) | (attributes.has(Access.WRITE) ? WRITE : 0);
    }

    @Override
    public Attributes decode(long item, int level) {
      Attributes none = Attributes.ofBits(0);
      Attributes read = (item & READ) != 0 ? none.with(Access.READ) : none;
      return (item & WRITE) != 0 ? read.with(Access.WRITE) : read;
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      if (entry.payload() < 0 || entry.payload() > Long.MAX_VALUE >>> 5) {
        throw PageTableException.because(Reason.ATTRIBUTE, "a tiny payload has 58 bits")
            .hex("payload", entry.payload())
            .build();
      }
      long kind = (long) (entry.kind().ordinal() + 1) << 1;
      return entry.payload() << 5 | kind | INVALID;
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      int kind = (int) ((item & FLAGS) >>> 1) - 1;
      return new SoftEntry(SoftEntry.Kind.values()[kind], item >>> 5);
    }

    @Override
    public List<BitField> picture(long item, int level) {
      return List.of(
          BitField.of("pa", 63, 5),
          BitField.flag("W", 4, "no stores", "stores"),
          BitField.flag("R", 3, "no loads", "loads"),
          BitField.flag("L", 2, "small", "large"),
          BitField.flag("T", 1, "leaf", "table"),
          BitField.flag("I", 0, "valid", "invalid"));
    }
  }
}
