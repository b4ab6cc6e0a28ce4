package dev.memdesc.referee.arm64;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Page;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rights of stage 1: Arm ARM D8.4 "Memory access control", D8.5 "Hardware updates", D8.15 for
 * the fault status codes.
 *
 * @param format whose levels give the manual's numbers
 * @param words of the mailbox: TTBR0, TTBR1, TCR, MAIR, SCTLR, PAN
 * @param pan whether privileged data accesses to the user's pages are refused
 * @param hardware whether AF and the dirty state are set by hardware
 */
record Arm64Regime(TableFormat format, List<Long> words, boolean pan, boolean hardware)
    implements Regime {
  static final int CLASS_SHIFT = 8;
  static final long WRITE_NOT_READ = 1 << 6;
  static final long FETCH_EL0 = 0x20;
  static final long FETCH_EL1 = 0x21;
  static final long DATA_EL1 = 0x25;

  private static final int MANUAL_LEAF_LEVEL = 3;
  private static final long TRANSLATION = 0x04;
  private static final long ACCESS_FLAG = 0x08;
  private static final long PERMISSION = 0x0C;

  /** Level -1 has no room beside the others. */
  private static final long TRANSLATION_LEVEL_MINUS_1 = 0x2B;

  @Override
  public String title() {
    return (pan ? "PAN" : "PAN off") + (hardware ? ", HA and HD" : "");
  }

  @Override
  public long[] registers() {
    return words.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public boolean can(Probe probe) {
    return true;
  }

  @Override
  public Outcome expect(Probe probe, @Nullable Page page, int stopLevel) {
    if (!format.va().allows(probe.va())) {
      return fault(probe, TRANSLATION);
    }
    if (page == null) {
      int manual = MANUAL_LEAF_LEVEL - stopLevel;
      return fault(probe, manual < 0 ? TRANSLATION_LEVEL_MINUS_1 : TRANSLATION + manual);
    }
    int manual = MANUAL_LEAF_LEVEL - leafLevel(page.sizeLg2());
    if (!hardware && !page.attributes().has(Access.ACCESSED)) {
      return fault(probe, ACCESS_FLAG + manual);
    }
    return isAllowed(probe, page.attributes())
        ? Outcome.at(page.pa())
        : fault(probe, PERMISSION + manual);
  }

  /** A group of items counts as their level. */
  private int leafLevel(int sizeLg2) {
    int level = 0;
    while (level < format.rootLevel() && format.level(level + 1).shift() <= sizeLg2) {
      level++;
    }
    return level;
  }

  private boolean isAllowed(Probe probe, Attributes rights) {
    boolean userPage = rights.has(Access.USER);
    if (probe.kind() == Probe.Kind.FETCH) {
      return rights.has(Access.EXECUTE) && probe.user() == userPage;
    }
    // Unprivileged loads and stores do not ask PAN, and neither do the instructions that locate.
    boolean keptOut = pan && userPage && probe.kind().touches();
    boolean reachable = probe.user() ? userPage : !keptOut;
    return reachable && (!probe.kind().writes() || rights.has(Access.WRITE));
  }

  private static Outcome fault(Probe probe, long status) {
    return switch (probe.kind()) {
      case FETCH ->
          Outcome.fault((probe.user() ? FETCH_EL0 : FETCH_EL1) << CLASS_SHIFT | status, probe.va());
      case LOAD -> Outcome.fault(DATA_EL1 << CLASS_SHIFT | status, probe.va());
      case STORE -> Outcome.fault(DATA_EL1 << CLASS_SHIFT | WRITE_NOT_READ | status, probe.va());
      // PAR_EL1 tells the status alone.
      case LOCATE_LOAD, LOCATE_STORE -> Outcome.fault(status, 0);
    };
  }

  /** QEMU's address translation instructions set what the access would have set. */
  @Override
  public Attributes after(Probe probe, Page page, Outcome outcome) {
    if (!hardware || !outcome.reached()) {
      return page.attributes();
    }
    Attributes accessed = page.attributes().with(Access.ACCESSED);
    return probe.kind().writes() ? accessed.with(Access.DIRTY) : accessed;
  }
}
