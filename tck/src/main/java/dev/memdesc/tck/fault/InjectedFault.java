package dev.memdesc.tck.fault;

/** What a part that is told to fail throws, where it is free to throw anything. */
final class InjectedFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InjectedFault(FaultPoint point) {
    super("injected: " + point);
  }
}
