package dev.memdesc.referee.s390;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Page;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import org.jspecify.annotations.Nullable;

/**
 * The rights of s390x: Principles of Operation, chapter 3 "Protection", chapter 6 for the program
 * interruptions.
 *
 * @param asce of the root
 * @param cr0 with {@link #CR0_IEP} or without
 * @param va the addresses that the tables translate
 * @param linux whether a leaf is valid only if it is accessed, and writable only if it is dirty
 */
record S390Regime(long asce, long cr0, VaRule va, boolean linux) implements Regime {
  static final long CR0_IEP = 0x10_0000;

  static final long PROTECTION = 0x04;
  static final long ASCE_TYPE = 0x38;

  /** Bits of the TEID that tell what was protected. */
  static final long DAT_PROTECTED = 0x04;

  static final long FETCH_PROTECTED = 0x84;
  static final int TEID_SHIFT = 16;

  /** Page, segment, region third, second, first. */
  private static final long[] TRANSLATION = {0x11, 0x10, 0x3B, 0x3A, 0x39};

  private static final long PAGE_MASK = -4096L;

  @Override
  public String title() {
    return (cr0 & CR0_IEP) != 0 ? "IEP" : "IEP off";
  }

  @Override
  public long[] registers() {
    return new long[] {asce, cr0};
  }

  @Override
  public boolean can(Probe probe) {
    return !probe.user() && probe.kind() != Probe.Kind.LOCATE_STORE;
  }

  @Override
  public Outcome expect(Probe probe, @Nullable Page page, int stopLevel) {
    if (!va.allows(probe.va())) {
      return fault(probe, ASCE_TYPE);
    }
    if (page == null || (linux && !page.attributes().has(Access.ACCESSED))) {
      return fault(probe, TRANSLATION[stopLevel]);
    }
    // Linux's codec decides when it is asked; a leaf that was dirty before costs one more fault.
    Attributes rights = page.asked();
    boolean writable = rights.has(Access.WRITE) && (!linux || rights.has(Access.DIRTY));
    if (probe.kind() == Probe.Kind.STORE && !writable) {
      return fault(probe, PROTECTION | DAT_PROTECTED << TEID_SHIFT);
    }
    if (probe.kind() == Probe.Kind.FETCH && !rights.has(Access.EXECUTE) && (cr0 & CR0_IEP) != 0) {
      return fault(probe, PROTECTION | FETCH_PROTECTED << TEID_SHIFT);
    }
    return Outcome.at(page.pa());
  }

  /** The TEID has the page; LOAD REAL ADDRESS tells the code alone. */
  private static Outcome fault(Probe probe, long code) {
    return Outcome.fault(code, probe.kind().touches() ? probe.va() & PAGE_MASK : 0);
  }
}
