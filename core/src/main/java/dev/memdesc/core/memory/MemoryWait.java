package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What somebody does whose operation found no memory: memory may wait for a grace period, so it
 * asks for one, waits for a bounded time and tries again. Whoever calls this holds no lock, and the
 * operation that failed left nothing behind. Inside a read section or a callback nobody waits: the
 * refusal is passed on.
 *
 * <p>A refusal that has a cause is not for want of memory and is passed on, too.
 */
public final class MemoryWait {
  /** How long somebody waits unless told: 2 s. */
  public static final Duration USUAL = Duration.ofSeconds(2);

  /** For those who have no grace periods: every refusal is passed on. */
  public static final MemoryWait NONE = new MemoryWait(null, Duration.ZERO);

  private final @Nullable Rcu rcu;
  private final Duration limit;

  private MemoryWait(@Nullable Rcu rcu, Duration limit) {
    this.rcu = rcu;
    this.limit = limit;
  }

  /**
   * Waits for these grace periods.
   *
   * @param limit how long one operation waits at most, with all its tries
   */
  public static MemoryWait of(Rcu rcu, Duration limit) {
    return new MemoryWait(rcu, limit);
  }

  /** The same with nothing to hand over before it waits. */
  public <T> T again(PageTableException refusal, Supplier<T> operation) {
    return again(refusal, () -> {}, operation);
  }

  /**
   * Waits and tries an operation again, as often as something was reclaimed and time is left.
   *
   * @param refusal what the operation ended with
   * @param handOver gives what the caller itself still keeps from being reclaimed to RCU
   * @throws PageTableException the refusal if waiting cannot help, {@link Reason#OUT_OF_MEMORY} if
   *     it did not, with the bytes that wait; or what the operation ends with now
   */
  public <T> T again(PageTableException refusal, Runnable handOver, Supplier<T> operation) {
    if (rcu == null || !isShort(refusal) || !rcu.mayWait()) {
      throw refusal;
    }
    long begin = System.nanoTime();
    while (true) {
      try {
        handOver.run();
      } catch (RuntimeException e) {
        refusal.addSuppressed(e);
        throw refusal;
      }
      Duration left = limit.minusNanos(System.nanoTime() - begin);
      boolean freed = left.isPositive() && rcu.reclaim(left);
      try {
        // Also if nothing waits: it may have been reclaimed since the refusal.
        return operation.get();
      } catch (PageTableException e) {
        if (!isShort(e)) {
          throw e;
        }
        if (!freed) {
          throw gaveUp(rcu, e, System.nanoTime() - begin);
        }
      }
    }
  }

  private static boolean isShort(PageTableException refusal) {
    return refusal.reason() == Reason.OUT_OF_MEMORY && refusal.getCause() == null;
  }

  private static PageTableException gaveUp(Rcu rcu, PageTableException last, long nanos) {
    long waiting = rcu.statistics().backlogBytes();
    if (waiting == 0) {
      return last;
    }
    return PageTableException.because(
            Reason.OUT_OF_MEMORY, "no memory became free while the operation waited for readers")
        .with("waitingBytes", waiting)
        .with("waitedMs", nanos / 1_000_000)
        .hint(
            "a read section that ends lets them be used; or give memdesc more physical memory ("
                + last.getMessage()
                + ")")
        .build(last);
  }
}
