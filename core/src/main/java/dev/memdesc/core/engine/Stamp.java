package dev.memdesc.core.engine;

import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.stamp.StampLoader;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The one format of this copy of the package. Every field is a constant to the JIT: records are
 * trusted finals, and so are the elements of an immutable list at a constant index. The levels that
 * fast paths go through have a field each; a level that the format lacks repeats the root's and is
 * never used.
 */
final class Stamp {
  static final TableFormat FORMAT = format();
  static final List<LevelLayout> LEVELS = FORMAT.levels();
  static final int ROOT_LEVEL = FORMAT.rootLevel();
  static final LevelLayout L0 = LEVELS.get(0);
  static final LevelLayout L1 = level(1);
  static final LevelLayout L2 = level(2);
  static final LevelLayout L3 = level(3);
  static final LevelLayout L4 = level(4);
  static final LevelLayout ROOT = LEVELS.get(ROOT_LEVEL);

  /** The leaf of level 0, which every format has. */
  static final Leaf LEAF0 = L0.leaves().getFirst();

  /** log2 of the bytes of an item. */
  static final int ITEM_LG2 = L0.itemBytesLg2();

  static final int ITEM_BYTES = 1 << ITEM_LG2;

  /** Whether items have 4 bytes. */
  static final boolean SHORT_ITEMS = ITEM_BYTES == Integer.BYTES;

  static final int FRAME_LG2 = FORMAT.frameLg2();
  static final long FRAME_BYTES = FORMAT.frameBytes();
  static final long FRAME_MASK = FRAME_BYTES - 1;

  /** log2 of the bytes of the memory's frames: an IOMMU's format may find others than its own. */
  static final int MEMORY_FRAME_LG2 =
      Stamp.class.getClassLoader() instanceof StampLoader loader
          ? loader.memory().frameLg2()
          : FRAME_LG2;

  /** Whether a frame of memory has room for more than one table of level 0. */
  static final boolean FRAGMENTS0 = 2L * L0.table().allBytes() <= 1L << MEMORY_FRAME_LG2;

  /** The va bits below the span of a level-0 table. */
  static final long SPAN0_MASK = (1L << L0.spanLg2()) - 1;

  static final long LEAF_SIZES = FORMAT.leafSizes().bitmap();

  /** The leaf sizes of level 0. */
  static final long LEAF_SIZES0 = leafSizes(L0);

  /** The leaf sizes of one item. */
  static final long ITEM_SIZES = itemSizes();

  /** The most sizes of groups that a level has. */
  static final int MOST_GROUPS = mostGroups();

  /** Whether there are leaves of several items. */
  static final boolean GROUPS = MOST_GROUPS > 0;

  /** Whether level 0 has such. */
  static final boolean GROUPS0 = L0.leaves().size() > 1;

  /** Whether some changes of a live leaf need break-before-make. */
  static final boolean BREAKS = FORMAT.breakBits() != 0;

  /** What an item of level 0 gets added for the next frame, within a run of the pa's bits. */
  static final long PA_STEP = LEAF0.pa().encode(FRAME_BYTES);

  /** The bits of a pa outside that run. */
  static final long OTHER_PA = ~LEAF0.pa().runOf(FRAME_BYTES);

  /** Whether there are no such bits. */
  static final boolean LINEAR_PA = LEAF0.pa().equals(PaField.inPlace(LEAF0.pa().mask0()));

  /** Whether leaves say that they were written. */
  static final boolean DIRTY = hasDirty();

  /** How many items of the root, from the first, are kept twice. */
  static final int MIRROR_END = ROOT.mirror().endIndex();

  /** Whether hardware may change a live leaf while software does. */
  static final boolean HARDWARE_CHANGES_LEAVES =
      FORMAT.capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY);

  /** Whether the words are in a {@code long[]}: only in the copy that is not stamped. */
  static final boolean ON_HEAP = !(Stamp.class.getClassLoader() instanceof StampLoader);

  /** Whether memory begins at pa 0, so that a pa is an offset in memory. */
  static final boolean FROM_ZERO =
      Stamp.class.getClassLoader() instanceof StampLoader loader && loader.memory().fromZero();

  /** Whether a TABLE entry of level 1 can lead to where no number of a section is known. */
  static final boolean FAR_TABLES =
      !FROM_ZERO || L1.tablePa().decode(-1L) >>> DescriptorMap.reachLg2(MEMORY_FRAME_LG2) != 0;

  /** Whether this copy counts what it does to memory. */
  static final boolean COUNTING =
      Stamp.class.getClassLoader() instanceof StampLoader loader && loader.counting();

  /** Whether items have the other byte order than this machine. */
  static final boolean SWAPPED = FORMAT.order() != ByteOrder.nativeOrder();

  private Stamp() {}

  private static boolean hasDirty() {
    boolean dirty = false;
    for (LevelLayout level : LEVELS) {
      dirty |=
          !level.leaves().isEmpty()
              && !(level.dirty().equals(Test.NEVER) && level.softDirty().equals(Test.NEVER));
    }
    return dirty;
  }

  /** The sizes of a level's leaves. */
  static long leafSizes(LevelLayout layout) {
    long sizes = 0;
    for (int k = 0; k < layout.leaves().size(); k++) {
      sizes |= 1L << layout.leaves().get(k).sizeLg2();
    }
    return sizes;
  }

  private static long itemSizes() {
    long sizes = 0;
    for (LevelLayout level : LEVELS) {
      sizes |= level.leaves().isEmpty() ? 0 : 1L << level.shift();
    }
    return sizes;
  }

  private static int mostGroups() {
    int most = 0;
    for (LevelLayout level : LEVELS) {
      most = Math.max(most, level.leaves().size() - 1);
    }
    return most;
  }

  private static LevelLayout level(int level) {
    return LEVELS.get(Math.min(level, ROOT_LEVEL));
  }

  private static TableFormat format() {
    return Stamp.class.getClassLoader() instanceof StampLoader loader
        ? loader.format()
        : TinyFormat.FORMAT;
  }
}
