package dev.memdesc.core.rcu;

/**
 * The reader without a fence: an opaque store in, a release store out. That the processor executes
 * the store before the section's loads is seen to by the updater, with {@link Membarrier}.
 *
 * <p><b>It leans on HotSpot.</b> The specification orders a store before a later load only by
 * volatile accesses or a full fence. HotSpot's compilers put every opaque access between two
 * compiler barriers (C1 and the interpreter treat it as volatile), so the store is emitted before
 * the loads, and that is all that is needed here. A test with two threads that race through exactly
 * these accesses is part of the build; {@link FencedReader} does without the assumption and is one
 * switch away ({@link RcuFlavour#PROPERTY}).
 */
final class AsymmetricReader extends ListedReader {
  AsymmetricReader(GracePeriods periods) {
    super(periods);
  }

  @Override
  public void enter() {
    long word = slot;
    if (word == 0) {
      SLOT.setOpaque(this, periods.newest());
    } else {
      enterNested(word);
    }
  }
}
