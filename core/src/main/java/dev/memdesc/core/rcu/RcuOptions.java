package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.time.Duration;

/**
 * What can be set about a flavour with threads.
 *
 * @param backlogBound above so many heads and values that wait, calls pay
 * @param backlogBytes above so many bytes that what waits keeps from being used, calls pay
 * @param paymentLimit how long one call pays at most
 * @param stallTimeout after how long inside a section a reader is reported; again each time as long
 * @param linger how long the first callback after an idle time waits for company
 */
public record RcuOptions(
    long backlogBound,
    long backlogBytes,
    Duration paymentLimit,
    Duration stallTimeout,
    Duration linger) {
  /** A million waiting callbacks, 64 MiB, 100 ms, 10 s, 50 us. */
  public static final RcuOptions DEFAULT =
      new RcuOptions(
          1 << 20,
          64L << 20,
          Duration.ofMillis(100),
          Duration.ofSeconds(10),
          Duration.ofNanos(50_000));

  /** Refuses what cannot work: {@link Reason#INCONSISTENT}. */
  public RcuOptions {
    if (backlogBound < 1
        || backlogBytes < 1
        || paymentLimit.isNegative()
        || !stallTimeout.isPositive()) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "bounds of RCU are positive and the payment limit not negative")
          .with("backlogBound", backlogBound)
          .with("backlogBytes", backlogBytes)
          .with("paymentLimit", paymentLimit)
          .with("stallTimeout", stallTimeout)
          .build();
    }
  }

  /** The same with another bound. */
  public RcuOptions withBacklogBound(long bound) {
    return new RcuOptions(bound, backlogBytes, paymentLimit, stallTimeout, linger);
  }

  /** The same with another bound in bytes. */
  public RcuOptions withBacklogBytes(long bytes) {
    return new RcuOptions(backlogBound, bytes, paymentLimit, stallTimeout, linger);
  }

  /** The same with another limit on what one call pays. */
  public RcuOptions withPaymentLimit(Duration limit) {
    return new RcuOptions(backlogBound, backlogBytes, limit, stallTimeout, linger);
  }

  /** The same with another stall timeout. */
  public RcuOptions withStallTimeout(Duration timeout) {
    return new RcuOptions(backlogBound, backlogBytes, paymentLimit, timeout, linger);
  }

  /** The same with another time to wait for company. */
  public RcuOptions withLinger(Duration time) {
    return new RcuOptions(backlogBound, backlogBytes, paymentLimit, stallTimeout, time);
  }
}
