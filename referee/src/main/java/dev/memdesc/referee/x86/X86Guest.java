package dev.memdesc.referee.x86;

import com.google.auto.service.AutoService;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.Guest;
import dev.memdesc.referee.GuestMachine;
import dev.memdesc.referee.Unseen;
import java.util.List;

/**
 * x86 under QEMU: long mode with 4 or 5 levels, and PAE. Bits and rules follow the Intel SDM volume
 * 3, chapter 4.
 */
@AutoService(Guest.class)
public final class X86Guest implements Guest {
  private static final long PWT_PCD = 3L << 3;
  private static final long A = 1L << 5;
  private static final long BIT_6 = 1L << 6;
  private static final long PAT_4K = 1L << 7;
  private static final long G = 1L << 8;
  private static final long PAT_LARGE = 1L << 12;
  private static final long LOW_SOFTWARE = 7L << 9;
  private static final long HIGH_SOFTWARE = 0x7FL << 52;
  private static final long KEY_BITS = 0xFL << 59;
  private static final long PDPTE_RESERVED = 0x1E6;
  private static final int PAE_ROOT_LEVEL = 2;

  /** Found by {@link java.util.ServiceLoader}. */
  public X86Guest() {}

  @Override
  public String backend() {
    return "x86";
  }

  @Override
  public String obstacle(TableFormat format) {
    return "";
  }

  @Override
  public List<Unseen> unseen(TableFormat format) {
    boolean pae = isPae(format);
    long ignored = LOW_SOFTWARE | (pae ? 0 : HIGH_SOFTWARE);
    return List.of(
        new Unseen(
            "cacheability",
            (level, kind) ->
                switch (kind) {
                  case LEAF -> PWT_PCD | (level == 0 ? PAT_4K : PAT_LARGE);
                  case TABLE -> PWT_PCD;
                  default -> 0;
                }),
        Unseen.inLeaves("global", G),
        Unseen.inLeaves("software bits", ignored),
        new Unseen(
            "ignored bits of table entries",
            (level, kind) -> kind == EntryKind.TABLE ? ignoredInTables(pae, level) : 0),
        Unseen.inTables("accessed in table entries", pae ? 0 : A),
        Unseen.of("PCID"),
        Unseen.of("where a pa above 2^38 is"));
  }

  private static long ignoredInTables(boolean pae, int level) {
    if (!pae) {
      return LOW_SOFTWARE | HIGH_SOFTWARE | KEY_BITS | G | BIT_6;
    }
    // A PDPTE has no A, and QEMU does not look at what it reserves below bit 12.
    return level == PAE_ROOT_LEVEL ? LOW_SOFTWARE | PDPTE_RESERVED : LOW_SOFTWARE | G | BIT_6 | A;
  }

  @Override
  public GuestMachine machine(TableFormat format) {
    return isPae(format) ? new PaeMachine() : new LongModeMachine(format.va().bits());
  }

  /** Only a format of 32 bits is walked outside long mode. */
  private static boolean isPae(TableFormat format) {
    return format.va().bits() <= Integer.SIZE;
  }
}
