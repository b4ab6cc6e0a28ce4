package dev.memdesc.core.fragment;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.HeapMemory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiFunction;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * What threads do to a pool, for the model checker. Fragments wait in slots for whoever frees them.
 * No fragment is out twice, none comes back before a full grace period, and at the end the pages
 * agree with their words and lists and go back to the last.
 */
@Param(name = "slot", gen = IntGen.class, conf = "0:2")
public abstract class PoolModel {
  private static final int FRAMES = 16;
  private static final int SLOTS = 3;
  static final long EMPTY = -1;

  private final HeapMemory memory;
  private final DescriptorMap descriptors;
  private final TinyPages allocator;
  private final TinyRcu rcu = new TinyRcu();
  final MaskedFragmentPool pool;
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);
  // By pa / 8: whether the fragment is out, and the grace period that had begun when it was freed.
  private final AtomicIntegerArray out;
  private final AtomicIntegerArray freedAt;

  PoolModel(int fragments, BiFunction<FragmentParts, FragmentLayout, MaskedFragmentPool> pools) {
    int frameLg2 = Integer.SIZE - Integer.numberOfLeadingZeros(8 * fragments - 1);
    this.memory = new HeapMemory(FRAMES, frameLg2);
    this.descriptors = new DescriptorMap(memory);
    this.allocator = new TinyPages(FRAMES, frameLg2);
    this.pool =
        pools.apply(
            new FragmentParts(memory, allocator, descriptors, rcu),
            FragmentLayout.of(8, 8 * fragments));
    this.out = new AtomicIntegerArray(memory.words().length);
    this.freedAt = new AtomicIntegerArray(memory.words().length);
    for (int slot = 0; slot < SLOTS; slot++) {
      slots.set(slot, EMPTY);
    }
    // Something to free from the beginning, on a page that is full or nearly so.
    for (int slot = 0; slot < 2; slot++) {
      keep(slot, pool.allocate());
    }
  }

  static ModelCheckingOptions options() {
    return new ModelCheckingOptions()
        // Its 30 seconds are for a quiet machine: the first invocation instruments every class.
        .invocationTimeout$lincheck(TimeUnit.MINUTES.toMillis(10))
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(0)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        .iterations(20)
        .invocationsPerIteration(400);
  }

  final void keep(int slot, long pa) {
    int at = (int) (pa / 8);
    require(out.getAndSet(at, 1) == 0, "a fragment is out once", pa);
    int freed = freedAt.getAndSet(at, 0);
    require(freed == 0 || rcu.over() >= freed, "a full grace period was over", pa);
    if (!slots.compareAndSet(slot, EMPTY, pa)) {
      out.set(at, 0);
      pool.free(pa);
    }
  }

  final long take(int slot) {
    long pa = slots.getAndSet(slot, EMPTY);
    if (pa != EMPTY) {
      require(out.getAndSet((int) (pa / 8), 0) == 1, "a fragment that is freed is out", pa);
    }
    return pa;
  }

  private static void require(boolean holds, String rule, long pa) {
    if (!holds) {
      throw new IllegalStateException(rule + ": pa=" + pa);
    }
  }

  /** A thread without a handle allocates. */
  @Operation
  public void allocate(@Param(name = "slot") int slot) {
    try {
      keep(slot, pool.allocate());
    } catch (PageTableException e) {
      requireClosed(e);
    }
  }

  /** A thread that may know nothing of the page frees. */
  @Operation
  public void free(@Param(name = "slot") int slot) {
    long pa = take(slot);
    if (pa != EMPTY) {
      pool.free(pa);
    }
  }

  /** The same while a walker may be inside. */
  @Operation
  public void freeDeferred(@Param(name = "slot") int slot) {
    long pa = take(slot);
    if (pa != EMPTY) {
      // The next grace period that begins is the first that will do.
      freedAt.set((int) (pa / 8), rcu.begun() + 1);
      pool.freeDeferred(pa);
    }
  }

  /** A grace period passes and its callbacks run. */
  @Operation(nonParallelGroup = "rcu")
  public void pass() {
    rcu.pass();
  }

  /** Every thread with a handle ends. */
  void endThreads() {}

  static void requireClosed(PageTableException e) {
    if (e.reason() != Reason.CLOSED) {
      throw e;
    }
  }

  /** At the end everything agrees, and nothing is left when the rest is freed. */
  @Validate
  public void valid() {
    List<String> violations =
        PoolChecker.check(pool, descriptors, memory.bytes(), memory.frameLg2(), rcu.waiting());
    if (!violations.isEmpty()) {
      throw new IllegalStateException(violations.toString());
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      freeDeferred(slot);
    }
    endThreads();
    pool.close();
    for (int i = 0; i < 3; i++) {
      rcu.pass();
    }
    if (allocator.allocatedBytes() != 0 || pool.counts().pages() != 0) {
      throw new IllegalStateException("pages are left: " + pool.counts());
    }
  }
}
