package dev.memdesc.core.rcu;

import java.lang.invoke.VarHandle;

/**
 * The reader that leans on the specification alone: a full fence puts the store to the slot before
 * everything that the section reads. Its partner is the full fence of {@link GracePeriods#order}.
 */
class FencedReader extends ListedReader {
  FencedReader(GracePeriods periods) {
    super(periods);
  }

  @Override
  public void enter() {
    long word = slot;
    if ((word & NEST_MASK) != 0) {
      enterNested(word);
    } else {
      SLOT.setRelease(this, periods.newest());
      VarHandle.fullFence();
    }
  }
}
