package dev.memdesc.tck.fault;

import dev.memdesc.api.spi.Invalidator;

/** What makes the caches of a processor forget that has none, and fails where it is told to. */
final class FaultyInvalidator implements Invalidator {
  private final FaultInjector faults;
  // One thread uses a site.
  private long asked;
  private long forgotten;

  FaultyInvalidator(FaultInjector faults) {
    this.faults = faults;
  }

  /** Whether something was asked for that was not completed. */
  boolean owes() {
    return asked != forgotten;
  }

  @Override
  public void invalidate(long first, long last, long leafSizes, boolean tables) {
    faults.pass(FaultPoint.INVALIDATE);
    asked++;
  }

  @Override
  public void invalidateAll() {
    faults.pass(FaultPoint.INVALIDATE);
    asked++;
  }

  @Override
  public void complete() {
    faults.pass(FaultPoint.COMPLETE);
    forgotten = asked;
  }
}
