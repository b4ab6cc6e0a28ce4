package dev.memdesc.bench.policy;

import dev.memdesc.api.descriptor.TableDescriptor;
import org.jspecify.annotations.Nullable;

/** A table that is a part of a page, and which part of which. */
final class Fragment extends TableDescriptor {
  private final SharedPage page;
  private final int index;
  // Belongs to whoever hands the fragment out.
  private boolean cleared;
  // Belongs to the policy: a head of its own for this fragment, if the policy has such heads.
  @Nullable Object head;

  Fragment(SharedPage page, int index, long bytes) {
    this.page = page;
    this.index = index;
    bind(page.pa() + index * bytes, page.node());
  }

  /** The page that it is a part of. */
  SharedPage page() {
    return page;
  }

  /** Which part, from 0. */
  int index() {
    return index;
  }

  /** Whether it is EMPTY as far as the policy knows: cleared once, and nothing left in it since. */
  boolean isKnownEmpty() {
    return cleared && count() == 0;
  }

  void setCleared() {
    cleared = true;
  }
}
