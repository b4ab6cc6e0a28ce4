package dev.memdesc.cli.survey;

import dev.memdesc.api.PageSizes;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prints {@code survey --as}: a row for each format. The keys are documented in docs/survey.md. */
final class ComparisonOutput {
  private ComparisonOutput() {}

  /** Sums over processes in one format. */
  private record Row(String format, int frameLg2, long hardwareKiB, Footprint footprint) {
    static Row sum(List<SurveyReport> reports) {
      long hardwareKiB = 0;
      Footprint sum = new Footprint(0, 0, 0, 0, 0, 0);
      for (SurveyReport report : reports) {
        hardwareKiB += report.predictedKiB();
        sum = sum.plus(report.footprint());
      }
      SurveyReport first = reports.getFirst();
      return new Row(first.format(), first.frameLg2(), hardwareKiB, sum);
    }
  }

  /**
   * Prints one table for each process, or one for all of them.
   *
   * @param summary what was left out of all processes; null to print them one by one
   */
  static void print(PrintWriter out, List<Comparison> comparisons, @Nullable String summary) {
    if (summary == null) {
      for (int i = 0; i < comparisons.size(); i++) {
        if (i > 0) {
          out.println();
        }
        print(out, comparisons.get(i));
      }
      return;
    }
    if (!comparisons.isEmpty()) {
      int formats = comparisons.getFirst().reports().size();
      out.printf("%,d processes: the same pages in %d formats%n%n", comparisons.size(), formats);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < formats; i++) {
        int format = i;
        rows.add(Row.sum(comparisons.stream().map(one -> one.reports().get(format)).toList()));
      }
      table(rows).print(out);
      larger(out, rows);
      out.println();
    }
    out.println(summary);
  }

  private static void print(PrintWriter out, Comparison comparison) {
    SurveyReport first = comparison.first();
    out.printf(
        "pid %d (%s): the same pages in %d formats; VmPTE is %,d KiB, %,d KiB are resident%s%n%n",
        first.pid(),
        first.command(),
        comparison.reports().size(),
        first.kernelKiB(),
        first.residentKiB(),
        first.isComplete() ? "" : " (incomplete)");
    List<Row> rows = comparison.reports().stream().map(one -> Row.sum(List.of(one))).toList();
    table(rows).print(out);
    larger(out, rows);
    Set<String> notes = new LinkedHashSet<>();
    comparison.reports().forEach(report -> notes.addAll(report.notes()));
    notes.forEach(note -> out.println("note: " + note));
    first.badLines().forEach(line -> out.println("bad line: " + line));
  }

  private static TextTable table(List<Row> rows) {
    TextTable table =
        new TextTable(
            "format",
            "page",
            "tables",
            "VmPTE KiB",
            "pages KiB",
            "fragments",
            "of pages",
            "waste KiB",
            "mapped KiB",
            "pages % of mapped");
    for (Row row : rows) {
      Footprint footprint = row.footprint();
      table.row(
          row.format(),
          PageSizes.name(row.frameLg2()),
          footprint.tables(),
          row.hardwareKiB(),
          footprint.pageBytes() >> 10,
          footprint.fragments(),
          footprint.fragmentPages(),
          footprint.wasteBytes() >> 10,
          footprint.mappedBytes() >> 10,
          footprint.percentOfMapped());
    }
    return table;
  }

  /** Says what a page means that is larger than the first format's. */
  private static void larger(PrintWriter out, List<Row> rows) {
    Row first = rows.getFirst();
    for (Row row : rows) {
      if (row.frameLg2() > first.frameLg2()) {
        out.printf(
            "note: %s maps a page of %s if any %s of it is present: %+,d KiB%n",
            row.format(),
            PageSizes.name(row.frameLg2()),
            PageSizes.name(first.frameLg2()),
            (row.footprint().mappedBytes() - first.footprint().mappedBytes()) >> 10);
      }
    }
  }

  /** The list of comparisons for JSON. */
  static List<Map<String, Object>> tree(List<Comparison> comparisons) {
    return comparisons.stream().map(ComparisonOutput::tree).toList();
  }

  private static Map<String, Object> tree(Comparison comparison) {
    SurveyReport first = comparison.first();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("pid", first.pid());
    tree.put("command", first.command());
    tree.put("hugePages", first.scanned() ? "scanned" : "inferred");
    tree.put("quiet", first.quiet());
    tree.put("incomplete", !first.isComplete());
    tree.put("kernelVmPteKiB", first.kernelKiB());
    tree.put("residentKiB", first.residentKiB());
    tree.put("formats", comparison.reports().stream().map(ComparisonOutput::format).toList());
    tree.put("badLineCount", first.badLineCount());
    tree.put("badLines", first.badLines());
    return tree;
  }

  private static Map<String, Object> format(SurveyReport report) {
    Footprint footprint = report.footprint();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", report.format());
    tree.put("pageKiB", 1L << report.frameLg2() >> 10);
    tree.put("tables", footprint.tables());
    tree.put("predictedVmPteKiB", report.predictedKiB());
    tree.put("allocatedKiB", report.allocatedKiB());
    tree.put("pagesKiB", footprint.pageBytes() >> 10);
    tree.put("fragments", footprint.fragments());
    tree.put("fragmentPages", footprint.fragmentPages());
    tree.put("wasteKiB", footprint.wasteBytes() >> 10);
    tree.put("mappedKiB", footprint.mappedBytes() >> 10);
    tree.put("pagesPercentOfMapped", footprint.percentOfMapped());
    tree.put("levels", report.levels().stream().map(SurveyJson::level).toList());
    tree.put("notes", report.notes());
    return tree;
  }
}
