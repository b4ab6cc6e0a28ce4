package dev.memdesc.referee.powerpc;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.Guest;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.Unseen;
import java.util.List;

/** POWER9 under QEMU, with radix trees: Power ISA 3.0B, book III, 5.7.10. */
@AutoService(Guest.class)
public final class PowerPcGuest implements Guest {
  private static final int RADIX_ROOT_BITS = 13;

  private static final long SOFTWARE = 1L << 61 | 0xE00;

  /** Bits 60:57, and bit 6 between C and ATT. */
  private static final long LEAF_RESERVED = 0xFL << 57 | 0x40;

  /** Bits 60:57 of an entry are reserved in a table entry down to bit 60. */
  private static final long TABLE_RESERVED = 3L << 60 | 0xE0;

  /** The lower bit of ATT; the upper one forbids fetches. */
  private static final long ATT_LOW = 0x10;

  private static final int LEAF_PA_LOW = 12;
  private static final int NLB_LOW = 8;

  /** Found by {@link java.util.ServiceLoader}. */
  public PowerPcGuest() {}

  @Override
  public String backend() {
    return "powerpc";
  }

  @Override
  public String obstacle(TableFormat format) {
    return format.level(format.rootLevel()).indexBits() == RADIX_ROOT_BITS
        ? ""
        : "no hardware walks the tree beside a hash table";
  }

  @Override
  public List<Unseen> unseen(TableFormat format) {
    return List.of(
        Unseen.inLeaves("cacheability but for fetches", ATT_LOW),
        Unseen.inLeaves("software bits", SOFTWARE),
        new Unseen("reserved bits", (level, kind) -> reserved(format, level, kind)),
        Unseen.of("quadrants 1 to 3"),
        Unseen.of("where a pa above 2^38 is"));
  }

  private static long reserved(TableFormat format, int level, EntryKind kind) {
    return switch (kind) {
      case LEAF -> LEAF_RESERVED | ((1L << format.level(level).shift()) - (1L << LEAF_PA_LOW));
      case TABLE ->
          // A table is aligned to its size; QEMU passes over what says otherwise.
          TABLE_RESERVED | ((format.level(level - 1).table().bytes() - 1L) & -1L << NLB_LOW);
      default -> 0;
    };
  }

  @Override
  public GuestMachine machine(TableFormat format) {
    return new PowerPcMachine(format.va());
  }
}
