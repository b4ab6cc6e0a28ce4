package dev.memdesc.core;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.core.engine.TinyFormat;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Variants of the tiny format with leaves of several items, hardware A/D, break-before-make, and
 * roots that grow. Bit 16 tells a group, bits 17 and 18 are accessed and dirty.
 */
public final class GroupFormats {
  private static final long FLAGS = 0x7;
  private static final long GROUP = 1L << 16;
  public static final long ACCESSED = 1L << 17;
  public static final long DIRTY = 1L << 18;

  private GroupFormats() {}

  /** Groups of two items, each with its own pa. */
  public static TableFormat stepped() {
    return format("stepped", 2, true, true, Set.of(), 0, null);
  }

  /** Groups of two items that are alike: the pa says how many they are. */
  public static TableFormat alike() {
    return format("alike", 3, true, false, Set.of(), 0, null);
  }

  /** Groups that change by break-before-make, as does W; hardware sets A and D. */
  public static TableFormat breaking() {
    long write = 1 << 4;
    return format(
        "breaking", 3, true, true, Set.of(Capability.HARDWARE_ACCESSED_DIRTY), write | GROUP, null);
  }

  /** No groups, no break-before-make; hardware sets A and D. */
  public static TableFormat plain() {
    return format("plain", 3, false, true, Set.of(Capability.HARDWARE_ACCESSED_DIRTY), 0, null);
  }

  /** Items of 4 bytes, in groups of two that are alike; hardware sets A and D. */
  public static TableFormat shortItems() {
    return shortened(
        format("short", 3, true, false, Set.of(Capability.HARDWARE_ACCESSED_DIRTY), 0, null),
        TinyFormat.FORMAT.order());
  }

  /** Items of 4 bytes in the other byte order, with break-before-make. */
  public static TableFormat shortSwapped() {
    boolean little = TinyFormat.FORMAT.order() == ByteOrder.LITTLE_ENDIAN;
    return shortened(
        format("short-swapped", 3, true, true, Set.of(), 1 << 4 | GROUP, null),
        little ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }

  private static TableFormat shortened(TableFormat format, ByteOrder order) {
    List<LevelLayout> levels =
        format.levels().stream()
            .map(
                level ->
                    new LevelLayout(
                        level.manualName(),
                        level.shift(),
                        level.indexBits(),
                        Placement.natural(level.indexBits() + 2),
                        level.empty(),
                        level.emptyItem(),
                        level.isTable(),
                        level.tablePa(),
                        level.tableConstant(),
                        level.leaves(),
                        level.accessed(),
                        level.dirty(),
                        level.mirror()))
            .toList();
    return new TableFormat(
        format.name(),
        order,
        format.frameLg2(),
        format.va(),
        format.paBits(),
        levels,
        format.capabilities(),
        format.codec(),
        format.breakBits(),
        null);
  }

  /** Grows from two levels to four. */
  public static TableFormat growing() {
    TableFormat four = format("grown-4", 4, true, true, Set.of(), 0, null);
    TableFormat three = format("grown-3", 3, true, true, Set.of(), 0, four);
    return format("growing", 2, true, true, Set.of(), 0, three);
  }

  private static TableFormat format(
      String name,
      int levels,
      boolean groups,
      boolean stepped,
      Set<Capability> capabilities,
      long breakBits,
      @Nullable TableFormat growsInto) {
    TableFormat tiny = TinyFormat.FORMAT;
    List<LevelLayout> layouts = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      layouts.add(level(level, groups, stepped));
    }
    return new TableFormat(
        "tiny/" + name,
        tiny.order(),
        tiny.frameLg2(),
        new VaRule(tiny.frameLg2() + 2 * levels, VaRule.Extension.ZERO),
        tiny.paBits(),
        layouts,
        capabilities,
        new StatesCodec(tiny.codec()),
        breakBits,
        growsInto);
  }

  private static LevelLayout level(int level, boolean groups, boolean stepped) {
    LevelLayout tiny = TinyFormat.FORMAT.level(Math.min(level, 1));
    int shift = TinyFormat.FORMAT.frameLg2() + 2 * level;
    Leaf leaf = tiny.leaves().getFirst();
    Test test = leaf.test();
    List<Leaf> leaves = new ArrayList<>();
    if (level < 3) {
      leaves.add(
          new Leaf(
              shift,
              new Test(test.mask() | GROUP, test.value()),
              leaf.constant(),
              PaField.bits(15, shift)));
    }
    if (groups && level < 3) {
      long step = 1L << shift;
      leaves.add(
          new Leaf(
              shift + 1,
              1,
              stepped ? step : 0,
              new Test(test.mask() | GROUP, test.value() | GROUP),
              leaf.constant() | GROUP | (stepped ? 0 : step),
              PaField.bits(15, stepped ? shift : shift + 1)));
    }
    return new LevelLayout(
        "level " + level,
        shift,
        2,
        tiny.table(),
        tiny.empty(),
        tiny.emptyItem(),
        tiny.isTable(),
        tiny.tablePa(),
        tiny.tableConstant(),
        leaves,
        Test.set(ACCESSED),
        Test.set(DIRTY),
        tiny.mirror());
  }

  /** The tiny codec with accessed and dirty. */
  private record StatesCodec(EntryCodec tiny) implements EntryCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      Attributes others = attributes.without(Access.ACCESSED, Access.DIRTY);
      return tiny.bits(others, level, leaf)
          | (attributes.has(Access.ACCESSED) ? ACCESSED : 0)
          | (attributes.has(Access.DIRTY) ? DIRTY : 0);
    }

    @Override
    public Attributes decode(long item, int level) {
      Attributes others = tiny.decode(item, level);
      Attributes accessed = (item & ACCESSED) != 0 ? others.with(Access.ACCESSED) : others;
      return (item & DIRTY) != 0 ? accessed.with(Access.DIRTY) : accessed;
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      return tiny.soft(entry, level);
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      return tiny.decodeSoft(item, level);
    }

    @Override
    public List<BitField> picture(long item, int level) {
      long known = FLAGS | GROUP | ACCESSED | DIRTY;
      return List.of(BitField.of((item & known) == 0 ? "-" : "item", 63, 0));
    }
  }
}
