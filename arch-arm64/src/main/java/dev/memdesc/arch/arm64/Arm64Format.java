package dev.memdesc.arch.arm64;

import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The page tables of arm64: Arm ARM D8.3 "Translation table descriptor formats". Level 0 is the
 * manual's level 3, and so on up to level 4, its level -1.
 *
 * <p>A table descriptor, and the leaves of stage 1 and stage 2. The pa begins at the granule's or
 * the block's size:
 *
 * <pre>
 *            63 62 59 58 56 55 54  53  52 51  50 49 48 47         12 11 10 9  8 7   6  5  4   2  1  0
 *           +--+-----+-----+--+---+---+---+---+---+-----+-----------+--+--+----+-----+--+------+---+--+
 *  table    |            -                        |  0  | pa        |     -                    | 1 | 1|
 *  stage 1  | -|  -  | SW  |D |UXN|PXN| C |DBM|GP |  0  | pa        |nG|AF| SH |AP2:1|NS| Attr | P | 1|
 *  stage 2  | -|  -  | SW  |D |XN | 0 | C |DBM| 0 |  0  | pa        | 0|AF| SH |S2AP | MemAttr | P | 1|
 *           +--+-----+-----+--+---+---+---+---+---+-----+-----------+--+--+----+-----+---------+---+--+
 *   P page: 1 at level 0, 0 in a block above   C contiguous   D, SW left to software; D is dirty
 * </pre>
 *
 * <p>With 52-bit output addresses the pa is in more than one place:
 *
 * <pre>
 *  64K (LPA)          pa[47:16] in 47:16, pa[51:48] in 15:12
 *  4K and 16K (LPA2)  pa[49:12] in 49:12, pa[51:50] in 9:8, where SH was: TCR.SH0 says it for all
 * </pre>
 */
final class Arm64Format {
  static final long VALID = 1;

  /** Table, or page at level 0; a block if clear. */
  static final long TABLE = 1 << 1;

  /** AP[1]: EL0 may access. */
  static final long AP_EL0 = 1 << 6;

  /** AP[2]: read only. */
  static final long AP_RO = 1 << 7;

  /** Inner shareable. */
  static final long SH_INNER = 3 << 8;

  /** Access flag. */
  static final long AF = 1 << 10;

  /** Not global. */
  static final long NG = 1 << 11;

  /** Dirty bit modifier: hardware makes a clean leaf writable when it is written. */
  static final long DBM = 1L << 51;

  static final long CONTIGUOUS = 1L << 52;
  static final long PXN = 1L << 53;
  static final long UXN = 1L << 54;

  /** One of the bits left to software; Linux notes there that a page was written. */
  static final long SOFTWARE_DIRTY = 1L << 55;

  /** S2AP: reads and writes are allowed. */
  static final long S2AP_READ = 1 << 6;

  static final long S2AP_WRITE = 1 << 7;

  /** XN of stage 2 without FEAT_XNX. */
  static final long XN = 1L << 54;

  /** Where the memory type is: AttrIndx in stage 1, MemAttr in stage 2. */
  static final int ATTR_SHIFT = 2;

  static final long ATTR_INDX = 7 << ATTR_SHIFT;
  static final long MEM_ATTR = 15 << ATTR_SHIFT;

  /** Addresses of 52 bits need the root at a multiple of 64 bytes: their top bits lie below. */
  private static final int WIDE_ROOT_LG2 = 6;

  /** Every variant by its format's name, the default first. */
  static final Map<String, Variant> BY_NAME = new LinkedHashMap<>();

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS = variants();

  private Arm64Format() {}

  private static List<TableFormat> variants() {
    List<Variant> all = new ArrayList<>();
    all.add(Variant.stageOne(Granule.G4K, 48));
    for (int bits : new int[] {36, 39, 42, 52}) {
      all.add(Variant.stageOne(Granule.G4K, bits));
    }
    for (int bits : new int[] {36, 42, 47, 48, 52}) {
      all.add(Variant.stageOne(Granule.G16K, bits));
    }
    for (int bits : new int[] {36, 42, 48, 52}) {
      all.add(Variant.stageOne(Granule.G64K, bits));
    }
    all.add(Variant.stageOne(Granule.G4K, 39).upper());
    all.add(Variant.stageOne(Granule.G4K, 48).upper());
    all.add(Variant.stageOne(Granule.G4K, 52).upper());
    all.add(Variant.stageOne(Granule.G4K, 48).withHardwareStates());
    all.add(Variant.stageOne(Granule.G16K, 47).withHardwareStates());
    all.add(Variant.stageOne(Granule.G64K, 52).withHardwareStates());
    for (int bits : new int[] {40, 48, 52}) {
      all.add(Variant.stageTwo(Granule.G4K, bits));
    }
    all.add(Variant.stageTwo(Granule.G16K, 40));
    all.add(Variant.stageTwo(Granule.G16K, 52));
    all.add(Variant.stageTwo(Granule.G64K, 42));
    all.add(Variant.stageTwo(Granule.G64K, 52));
    all.forEach(variant -> BY_NAME.put(variant.name(), variant));
    return all.stream().map(Arm64Format::of).toList();
  }

  /** The format of a variant. */
  static TableFormat of(Variant variant) {
    List<LevelLayout> levels = new ArrayList<>();
    for (int level = 0; level < variant.levels(); level++) {
      levels.add(layout(variant, level));
    }
    EntryCodec codec = variant.stageTwo() ? new StageTwoCodec(variant) : new StageOneCodec(variant);
    return new TableFormat(
        variant.name(),
        ByteOrder.LITTLE_ENDIAN,
        variant.granule().lg2(),
        variant.vaRule(),
        variant.paBits(),
        levels,
        variant.hardwareStates() ? Set.of(Capability.HARDWARE_ACCESSED_DIRTY) : Set.of(),
        codec,
        breakBits(variant),
        null);
  }

  /**
   * D8.16.1 "Using break-before-make": the memory type, shareability, whether a translation is
   * global, and the size; rights and states change in place.
   */
  private static long breakBits(Variant variant) {
    long type = variant.stageTwo() ? MEM_ATTR : ATTR_INDX | NG;
    return type | CONTIGUOUS | (variant.ds() ? 0 : SH_INNER);
  }

  private static LevelLayout layout(Variant variant, int level) {
    Granule granule = variant.granule();
    boolean root = level == variant.levels() - 1;
    int indexBits = root ? variant.rootBits() : granule.indexBits();
    return new LevelLayout(
        "L" + Granule.manualLevel(level),
        granule.shift(level),
        indexBits,
        placement(variant, indexBits + 3),
        new Test(VALID, 0),
        0,
        level == 0 ? Test.NEVER : Test.set(VALID | TABLE),
        level == 0 ? PaField.NONE : pa(variant, granule.lg2()),
        level == 0 ? 0 : VALID | TABLE,
        level <= granule.highestLeafLevel(variant.wide())
            ? leaves(variant, level, indexBits)
            : List.of(),
        Test.set(AF),
        variant.hardwareStates() ? writtenByHardware(variant) : Test.set(SOFTWARE_DIRTY),
        variant.hardwareStates() ? Test.set(SOFTWARE_DIRTY) : Test.NEVER,
        Mirror.NONE);
  }

  private static Test writtenByHardware(Variant variant) {
    return variant.stageTwo() ? Test.set(DBM | S2AP_WRITE) : new Test(DBM | AP_RO, DBM);
  }

  private static Placement placement(Variant variant, int bytesLg2) {
    int alignLg2 = variant.wide() ? Math.max(bytesLg2, WIDE_ROOT_LG2) : bytesLg2;
    return new Placement(1 << bytesLg2, alignLg2, 0, -1L);
  }

  private static List<Leaf> leaves(Variant variant, int level, int indexBits) {
    int shift = variant.granule().shift(level);
    long constant = level == 0 ? VALID | TABLE : VALID;
    long mask = VALID | TABLE | CONTIGUOUS;
    PaField pa = pa(variant, shift);
    Leaf single = new Leaf(shift, new Test(mask, constant), constant, pa);
    int groupLg2 = variant.granule().groupLg2(level);
    // A group lies wholly inside the table, also inside a small root.
    if (groupLg2 == 0 || groupLg2 >= indexBits) {
      return List.of(single);
    }
    long group = constant | CONTIGUOUS;
    return List.of(
        single,
        new Leaf(shift + groupLg2, groupLg2, 1L << shift, new Test(mask, group), group, pa));
  }

  /** Where an item keeps a pa that is a multiple of 2^low. */
  static PaField pa(Variant variant, int low) {
    if (!variant.wide()) {
      return PaField.bits(47, low);
    }
    return variant.ds()
        ? new PaField(PaField.bits(49, low).mask0(), PaField.bits(9, 8).mask0(), 42, 0, 0)
        : new PaField(PaField.bits(47, low).mask0(), PaField.bits(15, 12).mask0(), 36, 0, 0);
  }
}
