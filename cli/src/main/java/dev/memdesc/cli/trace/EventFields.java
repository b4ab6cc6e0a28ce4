package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Events whose fields are printed by their names in the kernel's structure, not in the event's own
 * words: ftrace with its option {@code fields}, and {@code perf trace}.
 *
 * <pre>
 *   map: iova=4294963200 (0xfffff000) paddr=4372807680 (0x104a3c000) size=4096 (0x1000)
 *   iommu:map(iova: 4294963200, paddr: 4372807680, size: 4096)
 * </pre>
 */
final class EventFields {
  private static final String NUMBER = "-?\\d{1,20}|0x[0-9a-f]{1,16}";
  private static final Pattern FTRACE =
      Pattern.compile(
          "(\\w+)=(?:(" + NUMBER + ")(?: \\((0x[0-9a-f]{1,16})\\))?|(\\S+))(?: (?=\\w)|\\s*$)");
  private static final Pattern PERF =
      Pattern.compile("(\\w+): (?:(" + NUMBER + ")()|\"([^\"]*)\")(?:, (?=\\w)|$)");

  /** What a field is that a device or domain is named by. */
  private static final Set<String> STRINGS = Set.of("device", "name", "dev_name", "driver");

  private static final Set<String> NUMBERS =
      Set.of("iova", "paddr", "size", "unmapped_size", "prot", "gid", "flags");

  private final Map<String, String> strings = new HashMap<>();
  private final Map<String, Long> numbers = new HashMap<>();

  EventFields() {}

  /**
   * Fills the line from the text of ftrace.
   *
   * @return false if that is not what the text is
   */
  boolean ftrace(Kind kind, String text, TraceLine line) {
    return read(FTRACE, text) && fill(kind, line, false);
  }

  /**
   * Fills the line from the text of {@code perf trace}, which leaves out fields that are 0.
   *
   * @return false if that is not what the text is
   */
  boolean perf(Kind kind, String text, TraceLine line) {
    return read(PERF, text) && fill(kind, line, true);
  }

  private boolean read(Pattern pattern, String text) {
    strings.clear();
    numbers.clear();
    Matcher matcher = pattern.matcher(text);
    int at = 0;
    while (at < text.length()) {
      matcher.region(at, text.length()).useTransparentBounds(true).useAnchoringBounds(false);
      if (!matcher.lookingAt()) {
        return false;
      }
      if (!put(matcher)) {
        return false;
      }
      at = matcher.end();
    }
    return true;
  }

  private boolean put(Matcher matcher) {
    String key = matcher.group(1);
    String digits = matcher.group(2);
    if (STRINGS.contains(key)) {
      String value = digits != null ? digits : matcher.group(4);
      return value.length() <= Names.MOST_BYTES && strings.put(key, value) == null;
    }
    if (!NUMBERS.contains(key) || digits == null) {
      return false;
    }
    long value;
    try {
      value = number(digits);
    } catch (NumberFormatException e) {
      return false;
    }
    String again = matcher.group(3);
    boolean same = again == null || again.isEmpty() || isSame(value, number(again));
    return same && numbers.put(key, value) == null;
  }

  private static long number(String digits) {
    if (digits.startsWith("0x")) {
      return Long.parseUnsignedLong(digits.substring(2), 16);
    }
    return digits.startsWith("-") ? Long.parseLong(digits) : Long.parseUnsignedLong(digits);
  }

  /** A field of 4 bytes is printed with its sign first and without it in brackets. */
  private static boolean isSame(long value, long again) {
    return value == again || (value < 0 && (value & 0xFFFF_FFFFL) == again);
  }

  private boolean fill(Kind kind, TraceLine line, boolean zeroMayLack) {
    line.domain = strings.getOrDefault("name", strings.getOrDefault("dev_name", ""));
    line.device = strings.getOrDefault("device", "");
    line.iova = numbers.getOrDefault("iova", 0L);
    line.pa = numbers.getOrDefault("paddr", 0L);
    line.size = numbers.getOrDefault("size", 0L);
    line.unmapped = numbers.getOrDefault("unmapped_size", 0L);
    line.group = numbers.getOrDefault("gid", 0L);
    boolean complete =
        switch (kind) {
          case MAP -> has(zeroMayLack, "iova", "paddr") && numbers.containsKey("size");
          case MAP_SG -> has(zeroMayLack, "iova") && numbers.containsKey("size");
          case UNMAP -> has(zeroMayLack, "iova", "unmapped_size") && numbers.containsKey("size");
          case ADD_TO_GROUP, REMOVE_FROM_GROUP -> has(zeroMayLack, "gid");
          case FAULT -> has(zeroMayLack, "iova", "flags");
          default -> true;
        };
    boolean ofDevice = kind != Kind.MAP && kind != Kind.MAP_SG && kind != Kind.UNMAP;
    if (!complete || line.size < 0 || line.unmapped < 0 || ofDevice == line.device.isEmpty()) {
      return false;
    }
    line.kind = kind;
    return true;
  }

  private boolean has(boolean zeroMayLack, String... keys) {
    for (String key : keys) {
      if (!zeroMayLack && !numbers.containsKey(key)) {
        return false;
      }
    }
    return true;
  }
}
