package dev.memdesc.referee.powerpc;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Page;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import org.jspecify.annotations.Nullable;

/**
 * The rights of a radix tree: Power ISA 3.0B, book III, 5.7.11 "Storage protection" with 5.7.12 for
 * AMR and IAMR, of which key 0 holds for privileged accesses to pages that are not.
 *
 * @param title what is set
 * @param pid the process
 * @param amr bit 63 no stores, bit 62 no loads
 * @param iamr bit 62 no fetches
 * @param va the addresses that the tables translate
 */
record PowerPcRegime(String title, long pid, long amr, long iamr, VaRule va) implements Regime {
  static final long NO_STORES = 1L << 63;
  static final long NO_LOADS = 1L << 62;
  static final long NO_FETCHES = 1L << 62;

  static final int DATA_STORAGE = 0x300;
  static final int DATA_SEGMENT = 0x380;
  static final int INSTRUCTION_STORAGE = 0x400;
  static final int INSTRUCTION_SEGMENT = 0x480;
  static final int VECTOR_SHIFT = 32;

  private static final long NO_ENTRY = 0x4000_0000L;
  private static final long NO_EXECUTE = 0x1000_0000L;
  private static final long PROTECTED = 0x0800_0000L;
  private static final long STORE = 0x0200_0000L;

  @Override
  public long[] registers() {
    return new long[] {pid, amr, iamr};
  }

  @Override
  public Outcome expect(Probe probe, @Nullable Page page, int stopLevel) {
    boolean fetch = probe.kind() == Probe.Kind.FETCH;
    if (!va.allows(probe.va())) {
      return fault(fetch ? INSTRUCTION_SEGMENT : DATA_SEGMENT, 0, probe);
    }
    if (page == null) {
      return storage(probe, NO_ENTRY);
    }
    if (!isAllowed(probe, page.attributes())) {
      return storage(probe, fetch ? NO_EXECUTE : PROTECTED);
    }
    return Outcome.at(page.pa());
  }

  private boolean isAllowed(Probe probe, Attributes rights) {
    if (probe.user() && !rights.has(Access.USER)) {
      return false;
    }
    boolean keyed = !probe.user() && rights.has(Access.USER);
    return switch (probe.kind()) {
      case LOAD -> rights.has(Access.READ) && !(keyed && (amr & NO_LOADS) != 0);
      case STORE -> rights.has(Access.WRITE) && !(keyed && (amr & NO_STORES) != 0);
      case FETCH -> rights.has(Access.EXECUTE) && !(keyed && (iamr & NO_FETCHES) != 0);
      case LOCATE_LOAD, LOCATE_STORE -> throw new IllegalArgumentException(probe.toString());
    };
  }

  private static Outcome storage(Probe probe, long cause) {
    return switch (probe.kind()) {
      case FETCH -> fault(INSTRUCTION_STORAGE, cause, probe);
      case STORE -> fault(DATA_STORAGE, cause | STORE, probe);
      default -> fault(DATA_STORAGE, cause, probe);
    };
  }

  private static Outcome fault(long vector, long cause, Probe probe) {
    return Outcome.fault(vector << VECTOR_SHIFT | cause, probe.va());
  }

  @Override
  public Attributes after(Probe probe, Page page, Outcome outcome) {
    if (!outcome.reached()) {
      return page.attributes();
    }
    Attributes referenced = page.attributes().with(Access.ACCESSED);
    return probe.kind().writes() ? referenced.with(Access.DIRTY) : referenced;
  }
}
