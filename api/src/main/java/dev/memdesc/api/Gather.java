package dev.memdesc.api;

/**
 * What an operation on an {@link AddressSpace} leaves to be done after it: ranges to invalidate and
 * unhooked tables to free. The caller owns it, may pass it to many operations, must close it, and
 * may use it again after that.
 *
 * <p>Closing performs the three steps that no other code can: invalidate, wait until the
 * invalidation is complete, hand the tables back. In this version no unit caches translations, so
 * the first step has nothing to do and tables are free when {@code close} returns.
 */
public interface Gather extends AutoCloseable {
  /** Tables unhooked since the last close. */
  int tables();

  /** Bytes of va whose translation changed since the last close, each range counted once. */
  long bytes();

  /** Invalidates, then frees. Nothing is lost if it throws: it can be called again. */
  @Override
  void close();
}
