package dev.memdesc.referee.x86;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.Outcome;
import dev.memdesc.referee.Page;
import dev.memdesc.referee.Probe;
import dev.memdesc.referee.Regime;
import org.jspecify.annotations.Nullable;

/**
 * The rights of x86: Intel SDM volume 3, 4.6 "Access rights" and 4.7 "Page-fault exceptions".
 *
 * @param title what is set
 * @param cr3 of the root that is walked
 * @param efer bit 11 NXE
 * @param cr0 bit 16 WP
 * @param cr4 bits 20 SMEP, 21 SMAP, 22 PKE
 * @param pkru two bits a key: AD, WD
 * @param va the addresses that the tables translate
 * @param root which of the roots is walked, where page-table isolation has two
 */
record X86Regime(
    String title, long cr3, long efer, long cr0, long cr4, int pkru, VaRule va, Root root)
    implements Regime {
  static final long CR0_WP = 1L << 16;
  static final long CR4_SMEP = 1L << 20;
  static final long CR4_SMAP = 1L << 21;
  static final long CR4_PKE = 1L << 22;
  static final long EFER_NXE = 1L << 11;

  private static final int GIGABYTE_LG2 = 30;

  private static final long GENERAL_PROTECTION = 13L << 32;
  private static final long PAGE_FAULT = 14L << 32;
  private static final long PRESENT = 1;
  private static final long WRITE = 1 << 1;
  private static final long USER = 1 << 2;
  private static final long RESERVED = 1 << 3;
  private static final long FETCH = 1 << 4;
  private static final long KEY = 1 << 5;

  /** The roots of page-table isolation. */
  enum Root {
    /** The only one. */
    ONLY,
    /** The kernel's: user addresses cannot be fetched from. */
    KERNEL,
    /** The user's: kernel addresses are not there. */
    USER
  }

  @Override
  public long[] registers() {
    return new long[] {cr3, efer, cr0, cr4, pkru};
  }

  @Override
  public Outcome expect(Probe probe, @Nullable Page page, int stopLevel) {
    if (!va.allows(probe.va())) {
      return Outcome.fault(GENERAL_PROTECTION, 0);
    }
    // In the user's root the kernel's half is empty.
    Page found = root == Root.USER && probe.va() < 0 ? null : page;
    if (found == null) {
      return pageFault(probe, 0);
    }
    Attributes rights = found.attributes();
    boolean fetchable = rights.has(Access.EXECUTE) && !(root == Root.KERNEL && probe.va() >= 0);
    if (!fetchable && (efer & EFER_NXE) == 0) {
      return pageFault(probe, PRESENT | RESERVED);
    }
    if (probe.user() && !rights.has(Access.USER)) {
      return pageFault(probe, PRESENT);
    }
    if (isKeyViolated(probe, rights)) {
      return pageFault(probe, PRESENT | KEY);
    }
    return isAllowed(probe, rights, fetchable) ? Outcome.at(found.pa()) : pageFault(probe, PRESENT);
  }

  private boolean isAllowed(Probe probe, Attributes rights, boolean fetchable) {
    boolean userPage = rights.has(Access.USER);
    boolean keptOut = !probe.user() && userPage;
    return switch (probe.kind()) {
      case LOAD -> !(keptOut && (cr4 & CR4_SMAP) != 0);
      case STORE ->
          (rights.has(Access.WRITE) || (!probe.user() && (cr0 & CR0_WP) == 0))
              && !(keptOut && (cr4 & CR4_SMAP) != 0);
      case FETCH -> fetchable && !(keptOut && (cr4 & CR4_SMEP) != 0);
      case LOCATE_LOAD, LOCATE_STORE -> throw new IllegalArgumentException(probe.toString());
    };
  }

  /** Keys count for data of user pages, whoever asks. */
  private boolean isKeyViolated(Probe probe, Attributes rights) {
    if ((cr4 & CR4_PKE) == 0 || probe.kind() == Probe.Kind.FETCH || !rights.has(Access.USER)) {
      return false;
    }
    int bits = pkru >>> (2 * rights.protectionKey());
    boolean accessDisabled = (bits & 1) != 0;
    boolean writeDisabled = (bits & 2) != 0 && (probe.user() || (cr0 & CR0_WP) != 0);
    return accessDisabled || (probe.kind().writes() && writeDisabled);
  }

  private Outcome pageFault(Probe probe, long code) {
    boolean fetchIsTold = (efer & EFER_NXE) != 0 || (cr4 & CR4_SMEP) != 0;
    return Outcome.fault(
        PAGE_FAULT
            | code
            | (probe.kind().writes() ? WRITE : 0)
            | (probe.user() ? USER : 0)
            | (probe.kind() == Probe.Kind.FETCH && fetchIsTold ? FETCH : 0),
        probe.va());
  }

  @Override
  public Attributes after(Probe probe, Page page, Outcome outcome) {
    Attributes accessed = page.attributes().with(Access.ACCESSED);
    if (outcome.reached()) {
      return probe.kind().writes() ? accessed.with(Access.DIRTY) : accessed;
    }
    // QEMU 7.2 marks an item of a PDPT before it looks whether that is a leaf and allows the
    // access.
    boolean marked =
        page.sizeLg2() == GIGABYTE_LG2
            && (outcome.fault() & RESERVED) == 0
            && !(root == Root.USER && probe.va() < 0);
    return marked ? accessed : page.attributes();
  }
}
