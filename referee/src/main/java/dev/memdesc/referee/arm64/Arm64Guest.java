package dev.memdesc.referee.arm64;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.Guest;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.Unseen;
import java.util.List;

/** arm64 under QEMU, stage 1 at EL1 and EL0: Arm ARM D8. */
@AutoService(Guest.class)
public final class Arm64Guest implements Guest {
  private static final long ATTR_INDX = 7 << 2;
  private static final long NS = 1 << 5;
  private static final long SH = 3 << 8;
  private static final long NG = 1 << 11;
  private static final long GP = 1L << 50;
  private static final long DBM = 1L << 51;
  private static final long CONTIGUOUS = 1L << 52;
  private static final long SOFTWARE = 0xFL << 55;
  private static final long IGNORED_HIGH = 0x1FL << 59;

  /** Bits 11:2 and 58:51 of a table descriptor, and NSTable in a world that is not secure. */
  private static final long TABLE_IGNORED = 0xFFC | 0xFFL << 51 | 1L << 63;

  private static final long TABLE = 1 << 1;

  /** The manual's level -1 as memdesc counts. */
  private static final int LEVEL_MINUS_ONE = 4;

  private static final int DS_HIGH = 49;
  private static final int WIDE_PA_BITS = 52;
  private static final int FRAME_64K = 16;

  /** Found by {@link java.util.ServiceLoader}. */
  public Arm64Guest() {}

  @Override
  public String backend() {
    return "arm64";
  }

  @Override
  public String obstacle(TableFormat format) {
    return format.name().startsWith("arm64/s2-") ? "the stub does not run stage 2" : "";
  }

  @Override
  public List<Unseen> unseen(TableFormat format) {
    boolean hardware = format.capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY);
    return List.of(
        Unseen.inLeaves("cacheability", ATTR_INDX),
        Unseen.inLeaves("shareability", isDs(format) ? 0 : SH),
        Unseen.inLeaves("global", NG),
        Unseen.inLeaves("contiguous", CONTIGUOUS),
        Unseen.inLeaves("software bits", SOFTWARE | (hardware ? 0 : DBM)),
        Unseen.inLeaves("secure, guarded and implementation's own bits", NS | GP | IGNORED_HIGH),
        new Unseen("reserved bits", (level, kind) -> reserved(format, level, kind)),
        new Unseen("that a block is at a level that may have one", Arm64Guest::blockAtMinusOne),
        Unseen.of("ASID and WXN"));
  }

  /** A block at level -1 lets QEMU 7.2 abort: it has no status code for what it finds there. */
  private static long blockAtMinusOne(int level, EntryKind kind) {
    return level == LEVEL_MINUS_ONE && kind == EntryKind.TABLE ? TABLE : 0;
  }

  /** Whether bits 9:8 are of the pa. */
  static boolean isDs(TableFormat format) {
    return format.paBits() == WIDE_PA_BITS && format.frameLg2() != FRAME_64K;
  }

  /** What is neither of the pa nor one of the fields above. */
  private static long reserved(TableFormat format, int level, EntryKind kind) {
    long addresses = (1L << (DS_HIGH + 1)) - (1L << 12);
    if (kind == EntryKind.TABLE) {
      long pa = format.level(level).tablePa().itemMask();
      return (TABLE_IGNORED | addresses | GP) & ~pa;
    }
    if (kind != EntryKind.LEAF) {
      return 0;
    }
    Leaf leaf = format.level(level).leaves().getFirst();
    return addresses & ~leaf.pa().itemMask();
  }

  @Override
  public GuestMachine machine(TableFormat format) {
    return new Arm64Machine(format);
  }
}
