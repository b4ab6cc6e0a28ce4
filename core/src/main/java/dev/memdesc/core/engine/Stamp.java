package dev.memdesc.core.engine;

import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.stamp.StampLoader;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The one format of this copy of the package. Every field is a constant to the JIT: records are
 * trusted finals, and so are the elements of an immutable list.
 */
final class Stamp {
  static final TableFormat FORMAT = format();
  static final List<LevelLayout> LEVELS = FORMAT.levels();
  static final int ROOT_LEVEL = FORMAT.rootLevel();
  static final int FRAME_LG2 = FORMAT.frameLg2();
  static final long FRAME_MASK = FORMAT.frameBytes() - 1;
  static final long LEAF_SIZES = FORMAT.leafSizes().bitmap();

  /** Whether the items of the root are kept twice in part. */
  static final int MIRROR_END = LEVELS.get(ROOT_LEVEL).mirror().endIndex();

  /** Whether hardware may change a live leaf while software does. */
  static final boolean HARDWARE_CHANGES_LEAVES =
      FORMAT.capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY);

  /** Whether the words are in a {@code long[]}: only in the copy that is not stamped. */
  static final boolean ON_HEAP = !(Stamp.class.getClassLoader() instanceof StampLoader);

  /** Whether items have the other byte order than this machine. */
  static final boolean SWAPPED = FORMAT.order() != ByteOrder.nativeOrder();

  private Stamp() {}

  private static TableFormat format() {
    return Stamp.class.getClassLoader() instanceof StampLoader loader
        ? loader.format()
        : TinyFormat.FORMAT;
  }
}
