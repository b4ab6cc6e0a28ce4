package dev.memdesc.tck.iommu;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command as the unit reads it: IHI 0070 chapter 4. What it does not name has to be 0.
 *
 * @param opcode bits 7:0
 * @param name of the opcode
 * @param word0 the first word
 * @param word1 the second word
 */
record ArmSmmuCommand(int opcode, String name, long word0, long word1) {
  private static final int CFGI_STE = 0x03;
  private static final int CFGI_STE_RANGE = 0x04;
  private static final int CFGI_CD = 0x05;
  private static final int CFGI_CD_ALL = 0x06;
  private static final int CMD_SYNC = 0x46;

  /** What is in the words: bits that may be set. */
  private record Shape(String name, long mask0, long mask1) {}

  private static final long SID = 0xFFFF_FFFFL << 32;
  private static final long SSID = 0xF_FFFFL << 12;
  private static final long VMID = 0xFFFFL << 32;
  private static final long ASID = 0xFFFFL << 48;
  private static final long RANGE = 0x1F << 12 | 0x1F << 20;
  private static final long LEAF = 1;
  private static final long LEVEL = 0xF << 8;
  private static final long VA = -1L << 12;
  private static final long IPA = 0x000F_FFFF_FFFF_F000L;
  private static final long SYNC = 0xFFFF_FFFFL << 32 | 0xF << 24 | 3 << 22 | 3 << 12;

  private static final Map<Integer, Shape> SHAPES =
      Map.ofEntries(
          Map.entry(0x01, new Shape("CMD_PREFETCH_CONFIG", SID, 0)),
          Map.entry(CFGI_STE, new Shape("CMD_CFGI_STE", SID, LEAF)),
          Map.entry(CFGI_STE_RANGE, new Shape("CMD_CFGI_STE_RANGE", SID, 0x1F)),
          Map.entry(CFGI_CD, new Shape("CMD_CFGI_CD", SID | SSID, LEAF)),
          Map.entry(CFGI_CD_ALL, new Shape("CMD_CFGI_CD_ALL", SID, 0)),
          Map.entry(0x10, new Shape("CMD_TLBI_NH_ALL", VMID, 0)),
          Map.entry(0x11, new Shape("CMD_TLBI_NH_ASID", VMID | ASID, 0)),
          Map.entry(0x12, new Shape("CMD_TLBI_NH_VA", VMID | ASID | RANGE, VA | LEVEL | LEAF)),
          Map.entry(0x13, new Shape("CMD_TLBI_NH_VAA", VMID | RANGE, VA | LEVEL | LEAF)),
          Map.entry(0x28, new Shape("CMD_TLBI_S12_VMALL", VMID, 0)),
          Map.entry(0x2A, new Shape("CMD_TLBI_S2_IPA", VMID | RANGE, IPA | LEVEL | LEAF)),
          Map.entry(0x30, new Shape("CMD_TLBI_NSNH_ALL", 0, 0)),
          Map.entry(CMD_SYNC, new Shape("CMD_SYNC", SYNC, 0)));

  /** The command, or null if the unit refuses it with CERROR_ILL. */
  static @Nullable ArmSmmuCommand of(long word0, long word1) {
    int opcode = (int) word0 & 0xFF;
    Shape shape = SHAPES.get(opcode);
    if (shape == null || ((word0 & ~(shape.mask0 | 0xFF)) | (word1 & ~shape.mask1)) != 0) {
      return null;
    }
    ArmSmmuCommand command = new ArmSmmuCommand(opcode, shape.name, word0, word1);
    return command.isLegal(shape) ? command : null;
  }

  private boolean isLegal(Shape shape) {
    if (opcode == CMD_SYNC) {
      return (word0 >>> 12 & 3) != 3;
    }
    if (isAboutStructures() && sid() >>> ArmSmmuModel.SID_BITS != 0) {
      return false;
    }
    if ((shape.mask1 & LEVEL) == 0) {
      return true;
    }
    boolean hasTtl = (word1 >>> 8 & 3) != 0;
    boolean hasGranule = (word1 >>> 10 & 3) != 0;
    boolean hasRange = (word0 & RANGE) != 0;
    // Without a granule there is neither a range nor a level; one granule of no level is reserved.
    return hasGranule ? hasTtl || hasRange : !hasTtl && !hasRange;
  }

  /** Whether it forgets translations. */
  boolean isInvalidation() {
    return opcode >= 0x10 && opcode < 0x40;
  }

  private boolean isAboutStructures() {
    return opcode < 0x10;
  }

  boolean isSync() {
    return opcode == CMD_SYNC;
  }

  long sid() {
    return word0 >>> 32;
  }

  /** Whether it forgets what is known of a stream, and so of its context descriptors. */
  boolean forgetsStream(int sid) {
    return switch (opcode) {
      case CFGI_STE -> sid() == sid;
      case CFGI_STE_RANGE -> {
        int lg2 = (int) word1 + 1;
        yield lg2 >= 32 || sid() >>> lg2 == sid >>> lg2;
      }
      default -> false;
    };
  }

  /** Whether it forgets a context descriptor. */
  boolean forgetsContext(int sid, int ssid) {
    return switch (opcode) {
      case CFGI_CD -> sid() == sid && (word0 & SSID) >>> 12 == ssid;
      case CFGI_CD_ALL -> sid() == sid;
      default -> forgetsStream(sid);
    };
  }
}
