package dev.memdesc.cli.survey;

import dev.memdesc.api.Hex;
import dev.memdesc.cli.input.Printable;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.util.List;

/** A survey as text for people. */
final class SurveyText {
  private SurveyText() {}

  /** Prints reports one by one; the first line of each answers the question. */
  static void print(PrintWriter out, List<SurveyReport> reports) {
    for (int i = 0; i < reports.size(); i++) {
      if (i > 0) {
        out.println();
      }
      print(out, reports.get(i));
    }
  }

  private static void print(PrintWriter out, SurveyReport report) {
    out.printf(
        "pid %d (%s): page tables take %,d KiB, %.1f %% of %,d KiB resident%s%n",
        report.pid(),
        report.command(),
        report.predictedKiB(),
        report.percentOfResident(),
        report.residentKiB(),
        report.isComplete() ? "" : " (incomplete)");
    out.printf(
        "%s; the kernel's VmPTE is %,d KiB: %s%n",
        report.format(), report.kernelKiB(), comparison(report));
    out.println();
    levels(report).print(out);
    out.println();
    out.println("tables by how many of their entries are in use");
    occupancy(report).print(out);
    if (!report.mappings().isEmpty()) {
      out.println();
      out.printf(
          "tables by the mapping that is the first to need them (%d of %,d mappings)%n",
          report.mappings().size(), report.mappingCount());
      mappings(report).print(out);
    }
    Difference difference = report.difference();
    if (difference != null && difference.movingKiB() != 0) {
      out.printf("note: %+,d KiB of VmPTE are moving%n", difference.movingKiB());
    }
    report.notes().forEach(note -> out.println("note: " + note));
    report.badLines().forEach(line -> out.println("bad line: " + line));
    if (report.badLineCount() > report.badLines().size()) {
      out.printf("bad lines: %,d in all%n", report.badLineCount());
    }
  }

  private static String comparison(SurveyReport report) {
    Difference difference = report.difference();
    // How much a running process moved is chance, so it has a line of its own further down.
    if (difference == null || difference.totalKiB() == 0 || difference.movingKiB() != 0) {
      return report.verdict();
    }
    StringBuilder parts = new StringBuilder();
    part(parts, difference.reclaimableKiB(), "reclaimable (empty tables)");
    part(parts, difference.invisibleKiB(), "invisible (device mappings)");
    part(parts, difference.unknownKiB(), "unknown");
    return parts + "; " + report.verdict();
  }

  private static void part(StringBuilder parts, long kiB, String cause) {
    if (kiB != 0) {
      parts.append(parts.isEmpty() ? "" : ", ").append("%+,d KiB %s".formatted(kiB, cause));
    }
  }

  private static TextTable levels(SurveyReport report) {
    TextTable table =
        new TextTable("level", "name", "linked", "deposited", "hardware KiB", "allocated KiB");
    for (SurveyReport.Level level : report.levels().reversed()) {
      table.row(
          level.counts().level(),
          level.manualName(),
          level.counts().linked(),
          level.counts().deposited(),
          level.counts().hardwareBytes() >> 10,
          level.counts().allocatedBytes() >> 10);
    }
    return table;
  }

  private static TextTable occupancy(SurveyReport report) {
    String[] titles = new String[Occupancy.TITLES.size() + 1];
    titles[0] = "level";
    for (int i = 1; i < titles.length; i++) {
      titles[i] = Occupancy.TITLES.get(i - 1);
    }
    TextTable table = new TextTable(titles);
    for (SurveyReport.Level level : report.levels().reversed()) {
      Object[] cells = new Object[titles.length];
      cells[0] = level.counts().level();
      for (int i = 1; i < titles.length; i++) {
        cells[i] = level.occupancy().tables(i - 1);
      }
      table.row(cells);
    }
    return table;
  }

  private static TextTable mappings(SurveyReport report) {
    TextTable table = new TextTable("table KiB", "resident KiB", "start", "may", "name");
    for (SurveyReport.Contributor one : report.mappings()) {
      Vma vma = one.vma();
      table.row(
          one.tableBytes() >> 10,
          one.residentKiB(),
          Hex.of(vma.start()),
          vma.permissions(),
          vma.name().isEmpty() ? "(anonymous)" : Printable.of(vma.name()));
    }
    return table;
  }

  /**
   * Prints many reports as one table, the process with the largest VmPTE first.
   *
   * @param summary what was left out, printed below the totals
   */
  static void printTable(PrintWriter out, List<SurveyReport> reports, String summary) {
    long kernelKiB = reports.stream().mapToLong(SurveyReport::kernelKiB).sum();
    long residentKiB = reports.stream().mapToLong(SurveyReport::residentKiB).sum();
    out.printf(
        "%,d processes: page tables take %,d KiB (VmPTE) beside %,d KiB resident%n%n",
        reports.size(), kernelKiB, residentKiB);
    TextTable table =
        new TextTable(
            "pid",
            "VmPTE KiB",
            "predicted KiB",
            "reclaimable KiB",
            "invisible KiB",
            "moving KiB",
            "unknown KiB",
            "resident KiB",
            "tables %",
            "command");
    for (SurveyReport report : reports) {
      Difference difference = report.difference();
      table.row(
          Long.toString(report.pid()),
          report.kernelKiB(),
          report.predictedKiB(),
          difference == null ? "" : difference.reclaimableKiB(),
          difference == null ? "" : difference.invisibleKiB(),
          difference == null ? "" : difference.movingKiB(),
          difference == null ? "" : difference.unknownKiB(),
          report.residentKiB(),
          report.percentOfResident(),
          report.command());
    }
    table.print(out);
    out.println();
    out.println(summary);
  }
}
