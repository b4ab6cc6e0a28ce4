package dev.memdesc.core.rcu;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Values that wait for one grace period together. One thread fills it, then the queue has it. */
final class ValueArray extends WeightedHead {
  final DeferBatch home;
  private final long[] values;
  private int size;

  /** In the home's stack of empty arrays. */
  @Nullable ValueArray nextEmpty;

  ValueArray(DeferBatch home, int capacity) {
    this.home = home;
    this.values = new long[capacity];
  }

  /** Adds a value to an array that is not full; true if it is full now. */
  boolean add(long value) {
    values[size++] = value;
    return size == values.length;
  }

  void removeLast() {
    size--;
  }

  @Override
  protected long weight() {
    return size;
  }

  @Override
  protected void reclaim() {
    LongConsumer reclaim = home.reclaim;
    for (int i = 0; i < size; i++) {
      try {
        reclaim.accept(values[i]);
      } catch (Throwable e) {
        home.failed(e);
      }
    }
    size = 0;
    home.giveBack(this);
  }
}
