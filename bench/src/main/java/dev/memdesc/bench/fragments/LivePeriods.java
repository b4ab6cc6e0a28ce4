package dev.memdesc.bench.fragments;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import java.time.Duration;

/** Grace periods as they are in use: a thread begins them, and who frees too much pays. */
final class LivePeriods implements Periods {
  /** Heads that may wait before whoever frees pays. */
  static final int BACKLOG_BOUND = 100;

  private final Rcu rcu =
      RcuFlavour.preferred()
          .open(
              RcuOptions.DEFAULT
                  .withBacklogBound(BACKLOG_BOUND)
                  // As long as it takes: on a busy machine the usual limit makes the bound soft.
                  .withPaymentLimit(Duration.ofMinutes(1)));

  @Override
  public Rcu rcu() {
    return rcu;
  }

  /**
   * They come when they come. But where the callback thread gets no processor, what was called is
   * counted here: else nobody would pay.
   */
  @Override
  public void due() {
    long _ = rcu.statistics().backlog();
  }

  @Override
  public void drain() {
    while (rcu.statistics().backlog() > 0) {
      rcu.barrier();
    }
  }

  @Override
  public void close() {
    rcu.close();
  }
}
