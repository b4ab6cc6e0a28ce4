package dev.memdesc.arch.powerpc;

import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The page tables of POWER9 and POWER10: Power ISA 3.0B, book III, 5.7.10 "Radix tree translation".
 * The ISA counts from the root; Linux's names are used here: PTE is level 0, PMD level 1, PUD level
 * 2, PGD level 3. Bits are numbered from the lowest here, from the highest there.
 *
 * <pre>
 *         63  62  61 60    57 56         30 29    21 20  16 15  12 11    9  8   7  6   5 4  3 2 1 0
 *        +---+---+---+-------+-----------------------------------+-------+---+---+---+-----+-------+
 *  table | V |L=0|SW0|  -    |        NLB: pa of the table       :  bits 11:8    |   0     |  NLS  |
 *  4K    | V |L=1|SW0|  -    |        pa of the page             |SW 1:3 | R | C | - | ATT | EAA   |
 *  64K   | V |L=1|SW0|  -    |        pa of the page      |  0   |SW 1:3 | R | C | - | ATT | EAA   |
 *  2M    | V |L=1|SW0|  -    |        pa           |      0      |SW 1:3 | R | C | - | ATT | EAA   |
 *  1G    | V |L=1|SW0|  -    |     pa     |        0             |SW 1:3 | R | C | - | ATT | EAA   |
 *        +---+---+---+-------+-----------------------------------+-------+---+---+---+-----+-------+
 * </pre>
 *
 * <p>V valid, L leaf, R referenced, C changed, ATT the storage attributes, EAA privileged, read,
 * write and execute. NLS is log2 of the number of items of the table that an entry leads to: a PMD
 * whose entries say 9 has PTE tables of 4 KiB with pages of 4K, one whose entries say 5 has tables
 * of 256 bytes with pages of 64K. A tree of hardware's may mix them; a format here has one, and an
 * entry that leads to a table of another size is INVALID. An entry of the PGD cannot be a leaf.
 *
 * <p>The hash formats have the geometry of the tree that Linux keeps beside a hash table: software
 * walks it, so its entries are those of radix with NLS 0, as a choice of memdesc, and it is here
 * for what its tables take. Behind the PTEs lie the slots in which they are hashed; behind the PMDs
 * of a kernel with transparent huge pages, the deposited tables' slots: shadows.
 */
final class PowerPcFormat {
  /** Valid: hardware ignores every other bit of an item without it. */
  static final long V = 1L << 63;

  /** Leaf. */
  static final long L = 1L << 62;

  /** Software's, and not of the field of three below. */
  static final long SW0 = 1L << 61;

  static final long R = 0x100;
  static final long C = 0x080;

  static final int ATT_SHIFT = 4;
  static final long ATT = 0x030;

  /** Privileged: no accesses in problem state. */
  static final long EAA_PRIVILEGED = 0x8;

  static final long EAA_READ = 0x4;

  /** Loads and stores. */
  static final long EAA_WRITE = 0x2;

  static final long EAA_EXECUTE = 0x1;

  /** Next level size. */
  static final long NLS = 0x1F;

  /** Between NLB and NLS. */
  static final long TABLE_RESERVED = 0xE0;

  /** Bits 56:12 of an entry. */
  static final int PA_BITS = 57;

  static final int NLB_HIGH = 59;
  static final int NLB_LOW = 8;
  static final int LEAF_PA_LOW = 12;
  static final int FRAME_4K = 12;
  static final int FRAME_64K = 16;

  private static final int ITEM_LG2 = 3;
  private static final List<String> LINUX_NAMES = List.of("PTE", "PMD", "PUD", "PGD");

  /** The formats, the default first. */
  static final List<TableFormat> VARIANTS =
      List.of(
          radix("radix-64k", FRAME_64K, 5),
          radix("radix-4k", FRAME_4K, 9),
          hash(
              "hash-64k",
              FRAME_64K,
              2,
              new Table(8, 2048),
              new Table(10, 8192),
              new Table(10, 8192),
              new Table(8, 0)),
          hash(
              "hash-64k-no-thp",
              FRAME_64K,
              0,
              new Table(8, 2048),
              new Table(10, 0),
              new Table(10, 0),
              new Table(8, 0)),
          hash(
              "hash-4k",
              FRAME_4K,
              0,
              new Table(9, 0),
              new Table(7, 0),
              new Table(9, 0),
              new Table(9, 0)));

  /** A table of 2^indexBits items, naturally aligned with what lies behind it. */
  private record Table(int indexBits, int shadowBytes) {
    Placement placement() {
      int bytes = 1 << (indexBits + ITEM_LG2);
      int alignLg2 = Integer.numberOfTrailingZeros(bytes + shadowBytes);
      return new Placement(bytes, alignLg2, shadowBytes, -1L);
    }
  }

  private PowerPcFormat() {}

  /** Whether hardware walks it. */
  static boolean isRadix(TableFormat format) {
    return format.capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY);
  }

  private static TableFormat radix(String variant, int frameLg2, int pteIndexBits) {
    List<Table> tables =
        List.of(new Table(pteIndexBits, 0), new Table(9, 0), new Table(9, 0), new Table(13, 0));
    return format(variant, frameLg2, tables, 2, true, Set.of(Capability.HARDWARE_ACCESSED_DIRTY));
  }

  private static TableFormat hash(
      String variant, int frameLg2, int highestLeafLevel, Table... tables) {
    return format(variant, frameLg2, List.of(tables), highestLeafLevel, false, Set.of());
  }

  private static TableFormat format(
      String variant,
      int frameLg2,
      List<Table> tables,
      int highestLeafLevel,
      boolean hasNextLevelSize,
      Set<Capability> capabilities) {
    List<LevelLayout> levels = new ArrayList<>();
    int[] shifts = new int[tables.size()];
    int shift = frameLg2;
    for (int level = 0; level < tables.size(); level++) {
      shifts[level] = shift;
      Table below = tables.get(Math.max(0, level - 1));
      int nextLevelSize = hasNextLevelSize ? below.indexBits() : 0;
      levels.add(
          new LevelLayout(
              LINUX_NAMES.get(level),
              shift,
              tables.get(level).indexBits(),
              tables.get(level).placement(),
              new Test(V, 0),
              0,
              level == 0 ? Test.NEVER : tableTest(below.indexBits(), nextLevelSize),
              level == 0
                  ? PaField.NONE
                  : PaField.bits(NLB_HIGH, Math.max(NLB_LOW, below.indexBits() + ITEM_LG2)),
              level == 0 ? 0 : V | nextLevelSize,
              level <= highestLeafLevel ? List.of(leaf(shift)) : List.of(),
              Test.set(R),
              Test.set(C),
              Mirror.NONE));
      shift += tables.get(level).indexBits();
    }
    return new TableFormat(
        PowerPcBackend.NAME + "/" + variant,
        ByteOrder.BIG_ENDIAN,
        frameLg2,
        new VaRule(shift, VaRule.Extension.ZERO),
        PA_BITS,
        levels,
        capabilities,
        new PowerPcCodec(shifts, highestLeafLevel));
  }

  /** The base of a table is a multiple of its size. */
  private static Test tableTest(int indexBits, int nextLevelSize) {
    long misaligned = (1L << (indexBits + ITEM_LG2)) - (1L << NLB_LOW);
    return new Test(V | L | misaligned | TABLE_RESERVED | NLS, V | nextLevelSize);
  }

  private static Leaf leaf(int shift) {
    long low = (1L << shift) - (1L << LEAF_PA_LOW);
    return new Leaf(shift, new Test(V | L | low, V | L), V | L, PaField.bits(PA_BITS - 1, shift));
  }
}
