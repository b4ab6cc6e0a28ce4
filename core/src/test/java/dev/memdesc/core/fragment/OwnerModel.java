package dev.memdesc.core.fragment;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.memory.FragmentLayout;
import java.util.function.BiFunction;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** The same with a thread that has a page of its own and may end, and an owner that goes away. */
public abstract class OwnerModel extends PoolModel {
  private final MortalHandle handle;

  OwnerModel(int fragments, BiFunction<FragmentParts, FragmentLayout, MaskedFragmentPool> pools) {
    super(fragments, pools);
    this.handle = new MortalHandle(pool);
    pool.register(handle);
  }

  /** The thread with a handle allocates. */
  @Operation(nonParallelGroup = "owner")
  public void ownAllocate(@Param(name = "slot") int slot) {
    if (!handle.dead) {
      try {
        keep(slot, handle.allocate());
      } catch (PageTableException e) {
        requireClosed(e);
      }
    }
  }

  /** The thread with a handle frees. */
  @Operation(nonParallelGroup = "owner")
  public void ownFree(@Param(name = "slot") int slot) {
    long pa = handle.dead ? EMPTY : take(slot);
    if (pa != EMPTY) {
      handle.free(pa);
    }
  }

  /** The thread with a handle ends without closing it. */
  @Operation(nonParallelGroup = "owner")
  public void die() {
    handle.dead = true;
  }

  /** The owner goes away. */
  @Operation
  public void close() {
    pool.close();
  }

  @Override
  void endThreads() {
    handle.dead = true;
  }

  /** A handle whose thread ends when the scenario says so. */
  private static final class MortalHandle extends PageHandle {
    volatile boolean dead;

    MortalHandle(MaskedFragmentPool pool) {
      super(pool, null);
    }

    @Override
    boolean isAbandoned() {
      return dead;
    }
  }
}
