package dev.memdesc.cli.trace;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a console, {@code dmesg} or a system's log prints before a message of the kernel. Events get
 * there with the boot option {@code tp_printk}, and all of a trace with {@code
 * ftrace_dump_on_oops}.
 *
 * <pre>
 *   [  512.331882] map: IOMMU: ...
 *   [  512.331882][  T312] map: IOMMU: ...
 *   &lt;6&gt;[  512.331882] map: IOMMU: ...
 *   kern  :info  : [  512.331882] map: IOMMU: ...
 *   Nov 29 16:55:59 host kernel: [  512.331882] map: IOMMU: ...
 *   [Sun Nov 29 16:55:59 2026] map: IOMMU: ...
 *   2026-11-29T16:55:59,331882+00:00 map: IOMMU: ...
 * </pre>
 */
final class ConsolePrefix {
  private static final int MOST_BYTES = 200;

  private static final String CLOCK = "\\d\\d:\\d\\d:\\d\\d";
  private static final String ISO = "\\d{4}-\\d\\d-\\d\\dT" + CLOCK + "[.,]?\\d{0,9}\\S{0,6}";

  private static final Pattern PREFIX =
      Pattern.compile(
          "(?<priority><\\d{1,4}>)?"
              + "(?<log>(?:[A-Z][a-z]{2} +\\d{1,2} "
              + CLOCK
              + "(?:\\.\\d{1,9})?|"
              + ISO
              + ") \\S{1,64} kernel: )?"
              + "(?:\\w{4,8} *:\\w{4,6} *: )?"
              + "(?<time>\\[ *(?<seconds>\\d{1,9})\\.(?<micros>\\d{6})(?: <[ +.\\d]{1,20}>)?]"
              + "|\\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\\d{1,2} "
              + CLOCK
              + " \\d{4}]|"
              + ISO
              + ")?"
              + "(?:\\[ *[TC]\\d{1,10}])?\\s*");

  private int bodyStart;
  private long nanos;
  private boolean timed;

  ConsolePrefix() {}

  /** Whether a prefix begins the line. */
  boolean read(byte[] bytes, int from, int to) {
    String text =
        new String(bytes, from, Math.min(to - from, MOST_BYTES), StandardCharsets.ISO_8859_1);
    Matcher matcher = PREFIX.matcher(text);
    if (!matcher.lookingAt()
        || !endsBlank(text, matcher.end())
        || (matcher.group("time") == null
            && matcher.group("log") == null
            && matcher.group("priority") == null)) {
      return false;
    }
    bodyStart = from + matcher.end();
    timed = matcher.group("seconds") != null;
    nanos =
        timed
            ? Long.parseLong(matcher.group("seconds")) * 1_000_000_000L
                + Long.parseLong(matcher.group("micros")) * 1000
            : 0;
    return true;
  }

  private static boolean endsBlank(String text, int end) {
    return end == text.length() || (end > 0 && Character.isWhitespace(text.charAt(end - 1)));
  }

  /** The index of the first byte of the message. */
  int bodyStart() {
    return bodyStart;
  }

  /** The message's time in nanoseconds, if it is {@link #timed}. */
  long nanos() {
    return nanos;
  }

  /** Whether the time is the kernel's own and not a date. */
  boolean timed() {
    return timed;
  }
}
