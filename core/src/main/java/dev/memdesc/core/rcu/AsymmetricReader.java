package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.guard.Debug;

/**
 * The reader without a fence: an opaque store in, a release store out. That the processor executes
 * the store before the section's loads is seen to by the updater, with {@link Membarrier}.
 *
 * <p><b>The number comes first.</b> It is read with acquire: no load of the section is executed
 * before it. Else, on aarch64, ppc64le or riscv64, a section could load the old pointer, then the
 * number that was raised since, and the scan, which begins after the updater's {@link Membarrier},
 * would take it for a section that began after the pointer had gone. The partner is the volatile
 * store of {@link GracePeriods#raise}. On x86 an acquire load is a plain one.
 *
 * <p><b>It leans on HotSpot.</b> The specification orders a store before a later load only by
 * volatile accesses or a full fence. HotSpot's compilers put every opaque access between two
 * compiler barriers (C1 and the interpreter treat it as volatile), so the store is emitted before
 * the loads, and that is all that is needed here. A test with two threads that race through exactly
 * these accesses is part of the build; {@link FencedReader} does without the assumption and is one
 * switch away ({@link RcuFlavour#PROPERTY}).
 */
final class AsymmetricReader extends ListedReader {
  AsymmetricReader(Rcu rcu, GracePeriods periods) {
    super(rcu, periods);
  }

  @Override
  public void enter() {
    if (Debug.ON) {
      requireOwner();
    }
    long word = slot;
    if (word == 0) {
      SLOT.setOpaque(this, periods.newest());
    } else {
      enterNested(word);
    }
  }
}
