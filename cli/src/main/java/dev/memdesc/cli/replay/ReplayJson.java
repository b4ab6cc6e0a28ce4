package dev.memdesc.cli.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A replay as a tree for JSON. The keys are documented in docs/json.md. */
final class ReplayJson {
  private static final double NANOS = 1e9;

  private ReplayJson() {}

  /** An array with an object for each format. */
  static List<Map<String, Object>> tree(ReplayRun.Result result) {
    List<Map<String, Object>> trees = new ArrayList<>();
    for (ReplayReport report : result.reports()) {
      trees.add(tree(result.trace(), report));
    }
    return trees;
  }

  private static Map<String, Object> tree(TraceSummary trace, ReplayReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", report.format().name());
    tree.put("pageBytes", report.format().frameBytes());
    tree.put("trace", trace(trace));
    tree.put("splitBy", trace.splitBy());
    tree.put("domainCount", report.domains());
    tree.put("unmapsElsewhere", report.elsewhere());
    tree.put("tableBytes", report.tableBytes());
    tree.put("peakTableBytes", report.peakTableBytes());
    tree.put("peakAtEvent", report.peakEvents());
    tree.put("peakWaitingBytes", report.peakWaitingBytes());
    tree.put("strandedTables", report.strandedTables());
    tree.put("strandedBytes", report.strandedBytes());
    tree.put("strandedPercent", percent(report));
    tree.put("mappedBytes", report.mappedBytes());
    tree.put("coveredBytes", report.coveredBytes());
    tree.put("roundedEvents", report.roundedEvents());
    tree.put("frameBytes", report.frameBytes());
    tree.put("levels", report.levels().stream().map(ReplayJson::level).toList());
    tree.put("commandCount", report.commands());
    tree.put("invalidationCount", report.invalidations());
    tree.put("commands", report.commandsByName());
    tree.put(
        "findingCount", report.findings().values().stream().mapToLong(Findings.Count::count).sum());
    tree.put("findings", findings(report));
    tree.put("seconds", report.seconds());
    tree.put("eventsPerSecond", eventsPerSecond(trace.events(), trace.seconds()));
    tree.put("samples", samples(report.samples()));
    List<String> notes = new ArrayList<>(ReplayNotes.of(trace));
    notes.addAll(ReplayNotes.of(report));
    tree.put("notes", notes);
    return tree;
  }

  /** Stranded tables in percent of all, with one decimal. */
  static double percent(ReplayReport report) {
    return Math.round(1000.0 * report.strandedBytes() / report.tableBytes()) / 10.0;
  }

  static long eventsPerSecond(long events, double seconds) {
    return seconds <= 0 ? 0 : Math.round(events / seconds);
  }

  private static Map<String, Object> trace(TraceSummary trace) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("file", trace.name());
    tree.put("lines", trace.lines());
    tree.put("events", trace.events());
    tree.put("maps", trace.maps());
    tree.put("scatterMaps", trace.scatterMaps());
    tree.put("unmaps", trace.unmaps());
    tree.put("attaches", trace.attaches());
    tree.put("ioPageFaults", trace.faults());
    tree.put("otherEvents", trace.otherEvents());
    tree.put("unknownEvents", trace.unknownEvents());
    tree.put("lostEvents", trace.lostEvents());
    tree.put("spanSeconds", trace.spanNanos() / NANOS);
    tree.put("replaySeconds", trace.seconds());
    tree.put("domains", trace.domains());
    tree.put("badLineCount", trace.badLineCount());
    tree.put("badLines", trace.badLines());
    return tree;
  }

  private static Map<String, Object> level(ReplayReport.Level level) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("level", level.level());
    tree.put("name", level.manualName());
    tree.put("tables", level.linked());
    tree.put("tableBytes", level.bytes());
    return tree;
  }

  private static List<Map<String, Object>> findings(ReplayReport report) {
    List<Map<String, Object>> trees = new ArrayList<>();
    report
        .findings()
        .forEach(
            (finding, count) -> {
              Map<String, Object> tree = new LinkedHashMap<>();
              tree.put("finding", finding.key());
              tree.put("meaning", finding.sentence());
              tree.put("count", count.count());
              tree.put("firstLines", count.firstLines());
              trees.add(tree);
            });
    return trees;
  }

  private static List<Map<String, Object>> samples(List<Curve.Sample> samples) {
    List<Map<String, Object>> trees = new ArrayList<>();
    Curve.Sample before = null;
    for (Curve.Sample sample : samples) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("events", sample.events());
      tree.put("seconds", sample.nanos() / NANOS);
      tree.put("tableBytes", sample.tableBytes());
      if (sample.strandedBytes() >= 0) {
        tree.put("strandedBytes", sample.strandedBytes());
      }
      tree.put("mappedBytes", sample.mappedBytes());
      tree.put("commands", sample.commands());
      if (before != null && sample.nanos() > before.nanos()) {
        double seconds = (sample.nanos() - before.nanos()) / NANOS;
        tree.put(
            "operationsPerSecond", eventsPerSecond(sample.events() - before.events(), seconds));
      }
      trees.add(tree);
      before = sample;
    }
    return trees;
  }
}
