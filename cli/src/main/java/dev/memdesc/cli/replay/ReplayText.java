package dev.memdesc.cli.replay;

import dev.memdesc.api.PageSizes;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints a replay for people. */
final class ReplayText {
  private ReplayText() {}

  /** Prints it all. */
  static void print(PrintWriter out, ReplayRun.Result result) {
    TraceSummary trace = result.trace();
    out.printf(
        "%s: %,d maps and %,d unmaps in %,d lines, over %.3f s%n",
        trace.name(), trace.maps(), trace.unmaps(), trace.lines(), trace.spanNanos() / 1e9);
    out.printf(
        "replayed in %.1f s: %,d events a second%n%n",
        trace.seconds(), ReplayJson.eventsPerSecond(trace.events(), trace.seconds()));
    summary(result).print(out);
    out.println();
    levels(result).print(out);
    out.println();
    commands(result).print(out);
    findings(out, result);
    notes(out, result);
  }

  private static TextTable summary(ReplayRun.Result result) {
    TextTable table =
        new TextTable(
            "format",
            "page",
            "domains",
            "mapped KiB",
            "tables KiB",
            "peak KiB",
            "stranded KiB",
            "stranded %",
            "all frames KiB");
    for (ReplayReport report : result.reports()) {
      table.row(
          report.format().name(),
          PageSizes.name(report.format().frameLg2()),
          report.domains(),
          report.mappedBytes() >> 10,
          report.tableBytes() >> 10,
          report.peakTableBytes() >> 10,
          report.strandedBytes() >> 10,
          BigDecimal.valueOf(ReplayJson.percent(report)),
          report.frameBytes() >> 10);
    }
    return table;
  }

  private static TextTable levels(ReplayRun.Result result) {
    TextTable table = new TextTable("format", "level", "name", "tables", "KiB");
    for (ReplayReport report : result.reports()) {
      for (ReplayReport.Level level : report.levels().reversed()) {
        table.row(
            report.format().name(),
            level.level(),
            level.manualName(),
            level.linked(),
            level.bytes() >> 10);
      }
    }
    return table;
  }

  private static TextTable commands(ReplayRun.Result result) {
    TextTable table = new TextTable("format", "command", "count", "per unmap");
    for (ReplayReport report : result.reports()) {
      for (Map.Entry<String, Long> command : report.commandsByName().entrySet()) {
        table.row(
            report.format().name(),
            command.getKey(),
            command.getValue(),
            BigDecimal.valueOf(perUnmap(command.getValue(), report.unmaps())));
      }
    }
    return table;
  }

  private static double perUnmap(long commands, long unmaps) {
    return unmaps == 0 ? 0 : Math.round(100.0 * commands / unmaps) / 100.0;
  }

  private static void findings(PrintWriter out, ReplayRun.Result result) {
    for (ReplayReport report : result.reports()) {
      report
          .findings()
          .forEach(
              (finding, count) ->
                  out.printf(
                      "finding: %s: %,d times: %s; %s %s%n",
                      report.format(),
                      count.count(),
                      finding.sentence(),
                      count.count() == 1 ? "line" : "first lines",
                      count.firstLines().stream()
                          .map(String::valueOf)
                          .collect(Collectors.joining(", "))));
    }
  }

  private static void notes(PrintWriter out, ReplayRun.Result result) {
    Set<String> notes = new LinkedHashSet<>(ReplayNotes.of(result.trace()));
    result.reports().forEach(report -> notes.addAll(ReplayNotes.of(report)));
    notes.forEach(note -> out.println("note: " + note));
    TraceSummary trace = result.trace();
    trace.badLines().forEach(line -> out.println("bad line: " + line));
    if (trace.badLineCount() > 0) {
      out.printf("incomplete: %,d lines made no sense%n", trace.badLineCount());
    }
  }
}
