package dev.memdesc.api.format;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A page-table format, as data: no locks, no memory, no loops over levels. The engine is stamped
 * once per format with these records as constants.
 *
 * @param name {@code backend/variant}
 * @param order of the bytes of an item in memory
 * @param frameLg2 log2 of the bytes of a base page, which is the smallest leaf
 * @param va which addresses it translates
 * @param paBits how many bits a pa may have
 * @param levels level 0 first, the root's level last
 * @param capabilities what hardware does with it
 * @param codec attributes to bits and back
 * @param breakBits bits of a live leaf that change only by break-before-make: the item becomes
 *     EMPTY, an invalidation completes, and only then comes the new item. If there are any, another
 *     size of leaf in the same place needs it too. 0 where hardware does not care
 * @param growsInto the format with one more level that an address space becomes when it needs more
 *     va; its lower levels are those of this format. Null if the root does not grow
 */
public record TableFormat(
    String name,
    ByteOrder order,
    int frameLg2,
    VaRule va,
    int paBits,
    List<LevelLayout> levels,
    Set<Capability> capabilities,
    EntryCodec codec,
    long breakBits,
    @Nullable TableFormat growsInto) {
  /** Bytes of an item of most formats. Some have items of 4 bytes, which are zero-extended. */
  public static final int ITEM_BYTES = 8;

  private static final int SHORT_ITEM_BYTES = 4;

  /** How many levels a format has at most: as many as the engine has steps for. */
  public static final int MAX_LEVELS = 5;

  /** The highest level that Linux counts in VmPTE, if it is not the root's: PTE, PMD, PUD. */
  private static final int HIGHEST_COUNTED_LEVEL = 2;

  /**
   * Checks that the levels fit together.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  public TableFormat {
    levels = List.copyOf(levels);
    capabilities = Set.copyOf(capabilities);
    if (levels.isEmpty() || levels.size() > MAX_LEVELS) {
      throw PageTableException.because(Reason.INCONSISTENT, "a format has at least one level")
          .with("format", name)
          .with("levels", levels.size())
          .with("most", MAX_LEVELS)
          .build();
    }
    if (va.bits() < 1
        || va.bits() > Long.SIZE
        || frameLg2 < 3
        || frameLg2 >= Integer.SIZE
        || paBits < frameLg2
        || paBits > Long.SIZE) {
      throw PageTableException.because(
              Reason.INCONSISTENT,
              "a format must have 1 to 64 bits of va, pages of 2^3 to 2^31 bytes, and at least a"
                  + " page's bits of pa")
          .with("format", name)
          .with("vaBits", va.bits())
          .with("frameLg2", frameLg2)
          .with("paBits", paBits)
          .build();
    }
    for (LevelLayout level : levels) {
      LevelRules.checkSize(name, level);
    }
    int itemBytes = levels.getFirst().table().bytes() >>> levels.getFirst().indexBits();
    int shift = frameLg2;
    for (int number = 0; number < levels.size(); number++) {
      LevelLayout level = levels.get(number);
      require(name, level, "a level begins where the one below ends", level.shift() == shift);
      require(
          name,
          level,
          "a table has 8 bytes per item, or all have 4",
          (itemBytes == ITEM_BYTES || itemBytes == SHORT_ITEM_BYTES)
              && level.table().bytes() == level.items() * itemBytes);
      require(
          name,
          level,
          "the constants of a level fit its items",
          itemBytes == ITEM_BYTES || (constants(level) >>> Integer.SIZE) == 0);
      require(name, level, "the empty item is EMPTY", level.empty().passes(level.emptyItem()));
      require(
          name,
          level,
          "items that are kept twice are no leaves",
          level.mirror().endIndex() == 0 || level.leaves().isEmpty());
      require(
          name,
          level,
          "only the root keeps items twice, in a shadow of its own size",
          level.mirror().endIndex() == 0
              || (level.equals(levels.getLast())
                  && level.table().shadowBytes() >= level.table().bytes()));
      requireLeaves(name, level);
      LevelRules.check(name, number, level);
      shift = level.spanLg2();
    }
    LevelLayout root = levels.getLast();
    require(name, root, "the levels translate every bit of the va", shift == va.bits());
    require(name, levels.getFirst(), "level 0 has leaves", !levels.getFirst().leaves().isEmpty());
    if (growsInto != null) {
      require(
          name,
          root,
          "a format grows by one level above its own, and translates the same va and more",
          growsInto.levels.size() == levels.size() + 1
              && growsInto.levels.subList(0, levels.size()).equals(levels)
              && growsInto.frameLg2 == frameLg2
              && growsInto.order.equals(order)
              && growsInto.va.extension() == VaRule.Extension.ZERO
              && va.extension() == VaRule.Extension.ZERO);
    }
  }

  /** A format that changes leaves in place and whose root does not grow. */
  public TableFormat(
      String name,
      ByteOrder order,
      int frameLg2,
      VaRule va,
      int paBits,
      List<LevelLayout> levels,
      Set<Capability> capabilities,
      EntryCodec codec) {
    this(name, order, frameLg2, va, paBits, levels, capabilities, codec, 0, null);
  }

  private static long constants(LevelLayout level) {
    long bits = level.emptyItem() | level.tableConstant() | level.tablePa().itemMask();
    for (Leaf leaf : level.leaves()) {
      bits |= leaf.constant() | leaf.pa().itemMask();
    }
    return bits;
  }

  private static void requireLeaves(String name, LevelLayout level) {
    int itemsLg2 = -1;
    for (Leaf leaf : level.leaves()) {
      require(
          name,
          level,
          "the leaves of a level ascend from one of a single item",
          itemsLg2 < 0 ? leaf.itemsLg2() == 0 : leaf.itemsLg2() > itemsLg2);
      itemsLg2 = leaf.itemsLg2();
      require(
          name,
          level,
          "a leaf has the size of its items' span",
          leaf.sizeLg2() == level.shift() + itemsLg2);
      require(
          name,
          level,
          "a group is smaller than a table",
          itemsLg2 == 0 || itemsLg2 < level.indexBits());
      // The pa of the last item, counted from a multiple of the group's size.
      long inside = (1L << leaf.sizeLg2()) - (1L << level.shift());
      require(
          name,
          level,
          "the items of a group differ by the pa's step, or not at all",
          leaf.pa().encode(inside) == (leaf.items() - 1) * leaf.itemStride());
    }
  }

  private static void require(String name, LevelLayout level, String rule, boolean holds) {
    if (!holds) {
      throw PageTableException.because(Reason.INCONSISTENT, rule)
          .with("format", name)
          .with("level", level.manualName())
          .build();
    }
  }

  /** The level of the root. */
  public int rootLevel() {
    return levels.size() - 1;
  }

  /** One level. */
  public LevelLayout level(int level) {
    return levels.get(level);
  }

  /** Bytes of an item: 8 or 4. */
  public int itemBytes() {
    return 1 << levels.getFirst().itemBytesLg2();
  }

  /** EMPTY items of a level as they lie in memory, read as a word in this machine's order. */
  public long emptyWord(LevelLayout level) {
    long item = level.emptyItem();
    long word = itemBytes() == ITEM_BYTES ? item : item | item << Integer.SIZE;
    return order == ByteOrder.nativeOrder() ? word : Long.reverseBytes(word);
  }

  /** Bytes of a base page. */
  public long frameBytes() {
    return 1L << frameLg2;
  }

  /** The sizes of its leaves. */
  public PageSizes leafSizes() {
    long bits = 0;
    for (LevelLayout level : levels) {
      for (Leaf leaf : level.leaves()) {
        bits |= 1L << leaf.sizeLg2();
      }
    }
    return new PageSizes(bits);
  }

  /** The format that this one becomes at last by growing; itself if it does not grow. */
  public TableFormat largest() {
    TableFormat next = growsInto;
    return next == null ? this : next.largest();
  }

  /** Whether Linux counts the tables of this level in a process's VmPTE. */
  public boolean countedByLinux(int level) {
    return level <= HIGHEST_COUNTED_LEVEL && level != rootLevel();
  }

  /**
   * Checks that the format can translate {@code va}.
   *
   * @throws PageTableException with {@link Reason#VA_OUTSIDE_FORMAT}
   */
  public void checkVa(long address) {
    if (!va.allows(address)) {
      throw PageTableException.because(Reason.VA_OUTSIDE_FORMAT, va.sentence())
          .hex("va", address)
          .with("format", name)
          .hint("the legal va with the same low bits is " + Hex.of(va.extend(address)))
          .build();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
