package dev.memdesc.bench.policy;

import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * Both halves of one page are there, and threads free them, allocate, and let grace periods pass. A
 * half is freed once: whoever takes it from its slot does.
 */
public abstract class CheckedHalves {
  private final PoolMachine machine;
  private final @Nullable Fragment[] slots = new Fragment[3];

  CheckedHalves(Function<PoolHost, Pool> pools) {
    machine = new PoolMachine(pools);
    slots[0] = machine.allocate();
    slots[1] = machine.allocate();
  }

  private synchronized @Nullable Fragment take(int slot) {
    Fragment fragment = slots[slot];
    slots[slot] = null;
    return fragment;
  }

  private synchronized void put(Fragment fragment) {
    slots[2] = fragment;
  }

  /** Frees the second half, which nobody can see. */
  @Operation
  public void free() {
    Fragment fragment = take(1);
    if (fragment != null) {
      machine.free(fragment);
    }
  }

  /** Frees the first half, or the second if that is gone, which a walker may be inside. */
  @Operation
  public void defer() {
    Fragment first = take(0);
    Fragment fragment = first == null ? take(1) : first;
    if (fragment != null) {
      machine.freeDeferred(fragment);
    }
  }

  /** Allocates one, and keeps it in the place of what was allocated so before. */
  @Operation
  public void allocate() {
    Fragment old = take(2);
    if (old != null) {
      machine.freeDeferred(old);
    }
    put(machine.allocate());
  }

  /** A grace period passes. */
  @Operation
  public void gracePeriod() {
    machine.gracePeriod();
  }

  /** Nothing went wrong. */
  @Validate
  public void valid() {
    machine.check();
  }
}
