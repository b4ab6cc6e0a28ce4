package dev.memdesc.api;

/**
 * What an operation on an {@link AddressSpace} leaves to be done after it: ranges to invalidate and
 * unhooked tables to free. The caller owns it, may pass it to many operations, may flush it in
 * between, and must close it.
 *
 * <p>Flushing performs the three steps that no other code can: invalidate, wait until the
 * invalidation is complete, hand the tables to RCU, which frees them when every reader that may be
 * inside one has left. Where no hardware caches translations, as on a machine without one, the
 * first two steps have nothing to do.
 */
public interface Gather extends AutoCloseable {
  /** Tables unhooked since the last flush. */
  int tables();

  /** Bytes of va in the ranges whose translation changed since the last flush. */
  long bytes();

  /**
   * Invalidates, then frees deferred. What a flush that failed left is done first, whichever gather
   * of the same address space it was of.
   *
   * @throws PageTableException with {@link Reason#TOOL} if hardware does not answer: nothing was
   *     freed. What this gather held is the address space's then: its next flush, map or close does
   *     it, so this one may be closed and forgotten
   */
  void flush();

  /** Flushes. The gather can still be used after it, and must then be closed again. */
  @Override
  default void close() {
    flush();
  }
}
