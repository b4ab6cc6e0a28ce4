package dev.memdesc.iommu.smmu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.BitSet;

/** Numbers that tag translations; 0 is left to nobody. Safe for any number of threads. */
final class NumberPool {
  private final String name;
  private final int end;
  private final BitSet used = new BitSet();

  NumberPool(String name, int bits) {
    this.name = name;
    this.end = 1 << bits;
    used.set(0);
  }

  /**
   * The lowest that is free.
   *
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY}
   */
  synchronized int take() {
    int number = used.nextClearBit(0);
    if (number >= end) {
      throw PageTableException.because(
              Reason.OUT_OF_MEMORY, "a unit has as many domains as it has numbers")
          .with(name, end - 1)
          .build();
    }
    used.set(number);
    return number;
  }

  /** Gives it back: nothing is tagged with it any more. */
  synchronized void give(int number) {
    used.clear(number);
  }
}
