package dev.memdesc.core.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What the system says about the memory of this process. */
final class ProcessMemory {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private ProcessMemory() {}

  /** Bytes that are backed by memory. */
  static long residentBytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/smaps_rollup"))) {
      String line = lines.filter(text -> text.startsWith("Rss:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
  }

  /** Whether an address is part of any mapping. */
  static boolean isMapped(long address) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.anyMatch(
          line -> {
            int dash = line.indexOf('-');
            long start = Long.parseUnsignedLong(line.substring(0, dash), 16);
            long end = Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16);
            return Long.compareUnsigned(start, address) <= 0
                && Long.compareUnsigned(address, end) < 0;
          });
    }
  }

  /** Collects garbage until the address is no longer mapped; fails if that takes too long. */
  static void awaitUnmapped(long address) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (isMapped(address)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("still mapped after " + PATIENCE + ": " + address);
      }
      System.gc();
      LockSupport.parkNanos(100_000);
    }
  }
}
