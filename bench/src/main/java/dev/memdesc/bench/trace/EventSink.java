package dev.memdesc.bench.trace;

/** Receives the events of a {@link Workload}. Sizes and addresses are in bytes. */
interface EventSink {
  /** A range was mapped. */
  void map(long iova, long pa, long size);

  /** A range was unmapped, all of it. */
  void unmap(long iova, long size);

  /** A device was attached to the domain whose events follow. */
  void attach(String device);

  /** Whether there is room for one more event; what comes without room is not written. */
  boolean wants();
}
