package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lines that a trace has few of, and that are no events: they may become strings. */
final class RareLines {
  private static final Map<String, Kind> LONG_NAMED =
      Map.of(
          "map_sg", Kind.MAP_SG,
          "attach_device_to_domain", Kind.ATTACH,
          "detach_device_from_domain", Kind.DETACH,
          "add_device_to_group", Kind.ADD_TO_GROUP,
          "remove_device_from_group", Kind.REMOVE_FROM_GROUP,
          "io_page_fault", Kind.FAULT);

  private static final Pattern DEVICE = Pattern.compile(" device=(\\S{1,255})\\s*");
  private static final Pattern GROUP =
      Pattern.compile(" groupID=(\\d{1,10}) device=(\\S{1,255})\\s*");
  private static final Pattern FAULT =
      Pattern.compile(
          "\\s*(\\S{1,255}) (\\S{1,255}) iova=0x([0-9a-f]{1,16}) flags=0x[0-9a-f]{1,8}\\s*");

  private static final byte[] UNMAP = TraceParser.bytes("unmap");
  private static final Pattern EVENT_NAME = Pattern.compile("[a-z_][a-zA-Z0-9_]+");

  /** ftrace's, with how many; trace-cmd's, which may not know. */
  private static final Pattern LOST =
      Pattern.compile("CPU:\\d+ \\[(?:LOST (\\d{1,18}) EVENTS|(?:(\\d{1,18}) )?EVENTS DROPPED)]");

  /** What trace-cmd report begins with. */
  private static final Pattern PREAMBLE =
      Pattern.compile("cpus=\\d+|version = \\d+|CPU \\d+ is empty|trace-cmd: .*");

  /** A function of a call chain: perf script's, ftrace's. */
  private static final Pattern CHAIN =
      Pattern.compile("\\s+[0-9a-f]{1,16} .*\\)|\\s*=> .*|\\s+\\S+ \\([0-9a-f]+\\)");

  private static final Pattern IOMMU_EVENT = Pattern.compile("iommu:\\w");

  RareLines() {}

  /** The event of that name, of five letters or more; null for one that a replay does not know. */
  static @Nullable Kind longNamed(byte[] text, int from, int length) {
    if (length == UNMAP.length && Arrays.equals(UNMAP, 0, length, text, from, from + length)) {
      return Kind.UNMAP;
    }
    return LONG_NAMED.get(string(text, from, from + length));
  }

  /** Whether the kernel could have an event of that name. */
  static boolean isEventName(byte[] text, int from, int to) {
    return to - from <= Names.MOST_BYTES && EVENT_NAME.matcher(string(text, from, to)).matches();
  }

  /** A line without an event's header. */
  void noEvent(byte[] bytes, int from, int to, TraceLine line) {
    String text = string(bytes, from, to);
    String stripped = text.strip();
    Matcher lost = LOST.matcher(stripped);
    if (EventWords.isIn(bytes, from, to)) {
      // Whatever it looks like now, it was an event.
      line.bad(Dialects.why(text, "is an iommu event without its header"));
    } else if (stripped.isEmpty()
        || stripped.startsWith("#")
        || PREAMBLE.matcher(stripped).matches()
        || CHAIN.matcher(text).matches()) {
      line.kind = Kind.SKIPPED;
    } else if (lost.matches()) {
      line.kind = Kind.LOST;
      String count = lost.group(1) != null ? lost.group(1) : lost.group(2);
      line.lost = count == null ? 1 : Math.max(1, Long.parseLong(count));
    } else if (PerfTraceLine.isOne(text) && !IOMMU_EVENT.matcher(text).find()) {
      line.kind = Kind.OTHER_EVENT;
    } else {
      line.bad(Dialects.why(text, "is not a line of a trace"));
    }
  }

  /** An event of a device, from behind its mark on. */
  void device(Kind kind, byte[] bytes, int from, int to, TraceLine line) {
    String text = string(bytes, from, to);
    Matcher fields =
        switch (kind) {
          case ATTACH, DETACH -> DEVICE.matcher(text);
          case FAULT -> FAULT.matcher(text);
          default -> GROUP.matcher(text);
        };
    if (!fields.matches()) {
      line.bad("is an event of a device without its fields");
      return;
    }
    line.kind = kind;
    switch (kind) {
      case ATTACH, DETACH -> line.device = fields.group(1);
      case FAULT -> {
        line.device = fields.group(2);
        line.iova = Long.parseUnsignedLong(fields.group(3), 16);
      }
      default -> {
        line.group = Long.parseLong(fields.group(1));
        line.device = fields.group(2);
      }
    }
  }

  private static String string(byte[] text, int from, int to) {
    return new String(text, from, to - from, StandardCharsets.UTF_8);
  }
}
