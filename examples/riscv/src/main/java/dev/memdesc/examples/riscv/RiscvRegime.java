package dev.memdesc.examples.riscv;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Page;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import org.jspecify.annotations.Nullable;

/**
 * The rights of RISC-V: volume II, 3.1.6.3 "Memory privilege in mstatus" and 4.3.2 "Virtual address
 * translation process".
 *
 * @param satp of the root
 * @param mstatus with {@link #SUM} and {@link #MXR}, or without
 * @param va the addresses that the tables translate
 */
record RiscvRegime(long satp, long mstatus, VaRule va) implements Regime {
  /** Supervisor may use the user's pages. */
  static final long SUM = 1 << 18;

  /** What can be executed can be read. */
  static final long MXR = 1 << 19;

  private static final long FETCH_PAGE_FAULT = 12;
  private static final long LOAD_PAGE_FAULT = 13;
  private static final long STORE_PAGE_FAULT = 15;

  @Override
  public String title() {
    return ((mstatus & SUM) != 0 ? "SUM" : "SUM off") + ((mstatus & MXR) != 0 ? ", MXR" : "");
  }

  @Override
  public long[] registers() {
    return new long[] {satp, mstatus};
  }

  @Override
  public Outcome expect(Probe probe, @Nullable Page page, int stopLevel) {
    if (va.allows(probe.va()) && page != null && isAllowed(probe, page.attributes())) {
      return Outcome.at(page.pa());
    }
    return switch (probe.kind()) {
      case FETCH -> Outcome.fault(FETCH_PAGE_FAULT, probe.va());
      case STORE -> Outcome.fault(STORE_PAGE_FAULT, probe.va());
      default -> Outcome.fault(LOAD_PAGE_FAULT, probe.va());
    };
  }

  private boolean isAllowed(Probe probe, Attributes rights) {
    boolean userPage = rights.has(Access.USER);
    if (probe.user() && !userPage) {
      return false;
    }
    boolean keptOut = !probe.user() && userPage;
    if (probe.kind() == Probe.Kind.FETCH) {
      return rights.has(Access.EXECUTE) && !keptOut;
    }
    if (keptOut && (mstatus & SUM) == 0) {
      return false;
    }
    return probe.kind() == Probe.Kind.STORE
        ? rights.has(Access.WRITE)
        : rights.has(Access.READ) || (rights.has(Access.EXECUTE) && (mstatus & MXR) != 0);
  }

  @Override
  public Attributes after(Probe probe, Page page, Outcome outcome) {
    if (!outcome.reached()) {
      return page.attributes();
    }
    Attributes accessed = page.attributes().with(Access.ACCESSED);
    return probe.kind().writes() ? accessed.with(Access.DIRTY) : accessed;
  }
}
