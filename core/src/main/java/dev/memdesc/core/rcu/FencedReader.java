package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.guard.Debug;
import java.lang.invoke.VarHandle;

/**
 * The reader that leans on the specification alone: a full fence puts the store to the slot before
 * everything that the section reads. Its partner is the full fence of {@link GracePeriods#order}.
 */
class FencedReader extends ListedReader {
  FencedReader(Rcu rcu, GracePeriods periods) {
    super(rcu, periods);
  }

  @Override
  public void enter() {
    if (Debug.ON) {
      requireOwner();
    }
    long word = slot;
    if (word != 0) {
      enterNested(word);
    } else {
      SLOT.setRelease(this, periods.newest());
      VarHandle.fullFence();
    }
  }
}
