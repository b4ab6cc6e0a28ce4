package dev.memdesc.core.rcu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A log handler that throws at every message while this is open: its disk is full. */
final class ThrowingLog extends Handler implements AutoCloseable {
  // Held, because a logger that nobody holds forgets its handlers.
  private final Logger logger;
  private final Error thrown;
  final AtomicInteger asked = new AtomicInteger();

  ThrowingLog(String name, Error thrown) {
    this.logger = Logger.getLogger(name);
    this.thrown = thrown;
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  @Override
  public void publish(LogRecord entry) {
    asked.incrementAndGet();
    throw thrown;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
