package dev.memdesc.bench.policy;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/** Two threads allocate and free fragments of a bump pointer's pages, and the owner exits. */
public abstract class CheckedBump {
  private final PoolMachine machine;
  // Both guarded by this.
  private @Nullable Fragment last;
  private boolean exited;

  CheckedBump(BumpPool.Exit exit) {
    machine = new PoolMachine(host -> new BumpPool(host, 3, 16, exit));
    last = machine.allocate();
  }

  private synchronized @Nullable Fragment exchange(@Nullable Fragment next) {
    Fragment old = last;
    last = next;
    return old;
  }

  private synchronized boolean isExited() {
    return exited;
  }

  private synchronized boolean becomeExited() {
    boolean first = !exited;
    exited = true;
    return first;
  }

  /** Allocates a table; the one before is freed. */
  @Operation(nonParallelGroup = "owner")
  public void allocate() {
    if (!isExited()) {
      Fragment old = exchange(machine.allocate());
      if (old != null) {
        machine.free(old);
      }
    }
  }

  /** Frees a table that a walker may be inside. */
  @Operation
  public void defer() {
    Fragment old = exchange(null);
    if (old != null) {
      machine.freeDeferred(old);
    }
  }

  /** Frees a table that nobody can see. */
  @Operation
  public void free() {
    Fragment old = exchange(null);
    if (old != null) {
      machine.free(old);
    }
  }

  /** The owner exits, once; it allocates nothing then. */
  @Operation(nonParallelGroup = "owner")
  public void exit() {
    if (becomeExited()) {
      machine.exit();
    }
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
