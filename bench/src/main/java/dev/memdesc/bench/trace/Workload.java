package dev.memdesc.bench.trace;

/** What a driver does, a step at a time, for ever. */
interface Workload {
  /** Some events: one packet, one command, one machine. */
  void step(EventSink sink);
}
