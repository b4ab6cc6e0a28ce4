package dev.memdesc.cli.trace;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of {@code perf trace}: the time in milliseconds since its beginning, who, and the event
 * with its fields in brackets, or in the words of the event as older versions print it.
 *
 * <pre>
 *      1.402 modprobe/312 iommu:map(iova: 4294963200, paddr: 4372807680, size: 4096)
 *      1.402 (         ): modprobe/312 iommu:map:IOMMU: iova=... size=4096)
 * </pre>
 */
final class PerfTraceLine {
  private static final Pattern TIME =
      Pattern.compile("\\s*(\\d{1,12})\\.(\\d{3}) (?:\\([ .\\dms]{0,20}\\): ?)?(?<rest>\\S.*)");
  private static final Pattern EVENT =
      Pattern.compile("(?:.{0,64}?/(\\d{1,10}) |:(\\d{1,10}) )?iommu:(\\w+)([:(])(.*)\\)\\s*");

  private String name = "";
  private String text = "";
  private boolean words;
  private long nanos;
  private long pid;

  PerfTraceLine() {}

  /** Whether perf trace printed the line, whatever the event. */
  static boolean isOne(String line) {
    return TIME.matcher(line).matches();
  }

  /** Whether it is an event of the iommu subsystem. */
  boolean read(String line) {
    Matcher time = TIME.matcher(line);
    if (!time.matches()) {
      return false;
    }
    Matcher event = EVENT.matcher(time.group("rest"));
    if (!event.matches()) {
      return false;
    }
    nanos = Long.parseLong(time.group(1)) * 1_000_000L + Long.parseLong(time.group(2)) * 1000;
    String thread = event.group(1) != null ? event.group(1) : event.group(2);
    pid = thread == null ? 0 : Long.parseLong(thread);
    name = event.group(3);
    words = event.group(4).equals(":");
    text = event.group(5);
    return true;
  }

  /** The event's name. */
  String name() {
    return name;
  }

  /** What stands in its brackets. */
  String text() {
    return text;
  }

  /** Whether that is the event's own words and not its fields. */
  boolean words() {
    return words;
  }

  /** Its time in nanoseconds. */
  long nanos() {
    return nanos;
  }

  /** Its thread; 0 if it is not said. */
  long pid() {
    return pid;
  }
}
