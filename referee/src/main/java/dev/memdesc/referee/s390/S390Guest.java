package dev.memdesc.referee.s390;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.Guest;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.Unseen;
import java.util.List;

/**
 * s390x under QEMU, with region tables. Bits and rules follow the Principles of Operation, chapter
 * 3.
 */
@AutoService(Guest.class)
public final class S390Guest implements Guest {
  private static final int SEGMENT_LEVEL = 1;
  private static final int REGION_THIRD_LEVEL = 2;

  private static final long PAGE_SOFTWARE = 0xFF;
  private static final long LOW_SOFTWARE = 0x3;
  private static final long COMMON = 0x10;

  /** AV, ACC and F of a large leaf: the stub has key 0, which may do everything. */
  private static final long KEY_BITS = 0x1_F800;

  /** Bits 7:6 of a large leaf, of which QEMU does not ask that they are 0. */
  private static final long LARGE_IGNORED = 0xC0;

  private static final long TABLE_IGNORED = 0x900;
  private static final long SEGMENT_TABLE_IGNORED = 0x1C0;

  /** Found by {@link java.util.ServiceLoader}. */
  public S390Guest() {}

  @Override
  public String backend() {
    return "s390";
  }

  @Override
  public String obstacle(TableFormat format) {
    return "";
  }

  @Override
  public List<Unseen> unseen(TableFormat format) {
    return List.of(
        new Unseen("software bits", S390Guest::software),
        new Unseen("common segments and regions", S390Guest::common),
        new Unseen(
            "access-control keys",
            (level, kind) -> kind == EntryKind.LEAF && level > 0 ? KEY_BITS : 0),
        new Unseen("reserved bits", (level, kind) -> reserved(format, level, kind)),
        Unseen.of("storage keys"),
        Unseen.of("problem state, which the tables do not know"));
  }

  private static long software(int level, EntryKind kind) {
    return switch (kind) {
      // Linux's are among them; those in ACC are among the keys.
      case LEAF -> level == 0 ? PAGE_SOFTWARE : LOW_SOFTWARE;
      case TABLE -> level == SEGMENT_LEVEL ? LOW_SOFTWARE : 0;
      default -> 0;
    };
  }

  private static long common(int level, EntryKind kind) {
    boolean segmentOrThird = level == SEGMENT_LEVEL || level == REGION_THIRD_LEVEL;
    return segmentOrThird && (kind == EntryKind.LEAF || kind == EntryKind.TABLE) ? COMMON : 0;
  }

  private static long reserved(TableFormat format, int level, EntryKind kind) {
    if (kind == EntryKind.TABLE) {
      return level == SEGMENT_LEVEL
          ? SEGMENT_TABLE_IGNORED
          : level == REGION_THIRD_LEVEL ? TABLE_IGNORED : TABLE_IGNORED | 0x400 | COMMON;
    }
    // Between the keys and the pa.
    return kind == EntryKind.LEAF && level > 0
        ? LARGE_IGNORED | ((1L << format.level(level).shift()) - (1L << 17))
        : 0;
  }

  @Override
  public GuestMachine machine(TableFormat format) {
    return new S390Machine(format);
  }
}
