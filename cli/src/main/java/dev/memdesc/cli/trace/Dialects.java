package dev.memdesc.cli.trace;

import java.util.List;
import java.util.regex.Pattern;

/** Forms of traces that are not read, by what their lines look like: the reader is told a way. */
final class Dialects {
  private record Dialect(Pattern pattern, String why) {}

  private static final List<Dialect> KNOWN =
      List.of(
          dialect(
              "\\] +\\d+\\.\\d{3}ms \\(\\+|\\] +\\d+ \\(\\+\\d+\\): ",
              "is of ftrace's verbose latency format, which is not read: echo noverbose into"
                  + " trace_options and print it again"),
          dialect(
              "iommu[_:](?:map|unmap|map_sg):? ?\\{|\\{ cpu_id = \\d+",
              "is of babeltrace, which is not read: record it with trace-cmd or perf"),
          dialect(
              "^\\s*[{\\[]\\s*\"|^\\s*\"\\w+\":",
              "is JSON, which is not read: perf script and trace-cmd report print text"),
          dialect(
              "^\\s*<(?:!|html|head|body|script|div|/)",
              "is of a page, which is not read: save the trace that is in it as text"),
          dialect(
              "(?:^|\\s)\\d{1,12}\\.\\d{1,5}:(?:\\s|$)",
              "has a clock of fewer than six digits after the point, which is not read: print it"
                  + " with trace-cmd report or perf script"),
          dialect(
              "(?:^|\\s)\\d{1,12}\\.\\d{10,}:(?:\\s|$)",
              "has a clock of more than nine digits after the point, which is not read: print it"
                  + " with trace-cmd report or perf script"),
          dialect(
              "^\\s*\\[?\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d|^\\s*\\d\\d:\\d\\d:\\d\\d",
              "has a clock of dates in a form that is not read: print it with dmesg, trace-cmd"
                  + " report or perf script"));

  private Dialects() {}

  private static Dialect dialect(String pattern, String why) {
    return new Dialect(Pattern.compile(pattern), why);
  }

  /** Why the line is not read: its clock or format if it is known, else {@code otherwise}. */
  static String why(String line, String otherwise) {
    for (Dialect dialect : KNOWN) {
      if (dialect.pattern().matcher(line).find()) {
        return dialect.why();
      }
    }
    return otherwise;
  }
}
