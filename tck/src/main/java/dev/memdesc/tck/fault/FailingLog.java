package dev.memdesc.tck.fault;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A handler of all that memdesc logs; it fails where it is told to, as one whose disk is full. */
final class FailingLog extends Handler implements AutoCloseable {
  // A strong reference: loggers are weakly held.
  private final Logger logger = Logger.getLogger("dev.memdesc");
  private final boolean usesParents = logger.getUseParentHandlers();
  private final FaultInjector faults;

  FailingLog(FaultInjector faults) {
    this.faults = faults;
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  @Override
  public void publish(LogRecord entry) {
    faults.pass(FaultPoint.LOG);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(usesParents);
  }
}
