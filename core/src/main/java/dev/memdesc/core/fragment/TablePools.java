package dev.memdesc.core.fragment;

import dev.memdesc.api.Failures;
import dev.memdesc.api.memory.FragmentLayout;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The pools of one owner, or of all: one for each level and wanted node, made when it is used. */
final class TablePools {
  private final Function<FragmentLayout, TablePool> newPool;
  private final int nodes;
  // By level, then by wanted node with "any" first. Guarded by this.
  private final @Nullable TablePool[] pools;
  private boolean closed;

  TablePools(int levels, int nodes, Function<FragmentLayout, TablePool> newPool) {
    this.nodes = nodes;
    this.newPool = newPool;
    this.pools = new TablePool[levels * (nodes + 1)];
  }

  /**
   * The pool of a level and node; null after close, for whoever found these pools before it.
   *
   * @param layout of the level, on any node
   */
  synchronized @Nullable TablePool get(int level, int node, FragmentLayout layout) {
    if (closed) {
      return null;
    }
    int at = level * (nodes + 1) + node + 1;
    TablePool pool = pools[at];
    if (pool == null) {
      pool = newPool.apply(layout.on(node));
      pools[at] = pool;
    }
    return pool;
  }

  /** Gives back what no table is in. */
  synchronized void trim(Trim trim) {
    for (TablePool pool : pools) {
      if (pool != null) {
        trim.also(pool::tryTrim);
      }
    }
  }

  synchronized void close() {
    closed = true;
    Throwable failure = null;
    for (TablePool pool : pools) {
      if (pool != null) {
        failure = Failures.after(failure, pool::close);
      }
    }
    Failures.throwIfAny(failure);
  }
}
