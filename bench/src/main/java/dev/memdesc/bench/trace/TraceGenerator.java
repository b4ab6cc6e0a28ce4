package dev.memdesc.bench.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Writes a trace. The same kind, number of events, seed and style give the same bytes everywhere.
 *
 * @param kind whose events
 * @param events how many, at least 1
 * @param seed of everything that is drawn
 * @param style who seems to have printed it
 */
public record TraceGenerator(TraceKind kind, long events, long seed, TraceStyle style) {
  private static final int HOST_BYTES_LG2 = 37;
  private static final long HUGE = 2L << 20;
  private static final long PAGE = 4096;

  /**
   * Checks the number.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  public TraceGenerator {
    if (events < 1) {
      throw PageTableException.because(Reason.INCONSISTENT, "a trace has an event")
          .with("events", events)
          .build();
    }
  }

  /**
   * What was written.
   *
   * @param maps map events
   * @param unmaps unmap events
   * @param attaches attach events
   * @param bytes of text
   */
  public record Summary(long maps, long unmaps, long attaches, long bytes) {}

  /**
   * Writes the trace.
   *
   * @param out stays open
   * @throws IOException if it cannot be written
   */
  public Summary write(OutputStream out) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Workload workload = kind.workload(random.split());
    TraceWriter writer = new TraceWriter(this, random, out);
    try {
      while (writer.wants()) {
        workload.step(writer);
      }
      return writer.finish();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Somewhere in 128 GiB of memory: at a page, or at 2 MiB for what is at least so large. */
  static long pa(RandomGenerator random, long bytes) {
    return random.nextLong(1L << HOST_BYTES_LG2) & -(bytes >= HUGE ? HUGE : PAGE);
  }
}
