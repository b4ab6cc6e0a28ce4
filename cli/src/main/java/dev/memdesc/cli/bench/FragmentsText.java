package dev.memdesc.cli.bench;

import dev.memdesc.bench.fragments.Churn;
import dev.memdesc.bench.fragments.Dense;
import dev.memdesc.bench.fragments.FragmentsReport;
import dev.memdesc.bench.fragments.FragmentsReport.Line;
import dev.memdesc.bench.fragments.Ramp;
import dev.memdesc.bench.fragments.Sharing;
import dev.memdesc.bench.fragments.Stranded;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Prints what {@code memdesc bench fragments} found: a table for each workload. */
final class FragmentsText {
  private static final String NONE = "-";
  private static final int KIB_LG2 = 10;

  private FragmentsText() {}

  static void print(PrintWriter out, FragmentsReport report) {
    out.printf("seed %d%n%n", report.seed());
    stranded(out, report);
    dense(out, report);
    churn(out, report);
    live(out, report);
    ramp(out, report);
  }

  private static void stranded(PrintWriter out, FragmentsReport report) {
    out.println("stranded: all tables of one page, then all but one freed, then as many again");
    TextTable table =
        new TextTable("n", "policy", "full B", "one left B", "new pages B", "all freed B");
    rows(
        table,
        report.stranded(),
        (Stranded result) ->
            new Object[] {
              result.fullBytes(), result.heldBytes(), result.newPageBytes(), result.emptyBytes()
            },
        4);
    table.print(out);
    out.println();
  }

  private static void dense(PrintWriter out, FragmentsReport report) {
    out.printf("dense: %d tables, nothing freed (n = 2: 1 GiB on s390)%n", Dense.TABLES);
    TextTable table = new TextTable("n", "policy", "tables KiB", "pages KiB");
    for (Line<Dense> line : report.dense()) {
      Sharing sharing = line.sharing();
      table.row(
          sharing.fragments(),
          line.policy().title(),
          kib((long) Dense.TABLES * sharing.tableBytes()),
          line.result().<Object>map(result -> kib(result.pageBytes())).orElse(NONE));
    }
    table.print(out);
    out.println();
  }

  private static void churn(PrintWriter out, FragmentsReport report) {
    Churn.Size size = report.churn();
    out.printf(
        "churn: %d live, %d of them never freed, %d steps, a grace period every %d%n",
        size.live(), size.survivors(), size.steps(), size.graceEvery());
    TextTable table =
        new TextTable(
            "n",
            "policy",
            "live KiB",
            "pages KiB",
            "pages / live",
            "most KiB",
            "survivors KiB",
            "pages KiB",
            "pages / survivors");
    rows(
        table,
        report.churns(),
        (Churn result) ->
            new Object[] {
              kib(result.liveBytes()),
              kib(result.pageBytes()),
              ratio(result.ratio()),
              kib(result.mostPageBytes()),
              kib(result.survivorBytes()),
              kib(result.survivorPageBytes()),
              ratio(result.survivorRatio())
            },
        7);
    table.print(out);
    out.println();
  }

  private static void live(PrintWriter out, FragmentsReport report) {
    out.printf(
        "live churn: the same with live RCU, %d heads waiting at most%n",
        FragmentsReport.backlogBound());
    TextTable table =
        new TextTable("n", "policy", "live KiB", "pages KiB", "pages / live", "most KiB");
    rows(
        table,
        report.live(),
        (Churn result) ->
            new Object[] {
              kib(result.liveBytes()),
              kib(result.pageBytes()),
              ratio(result.ratio()),
              kib(result.mostPageBytes())
            },
        4);
    table.print(out);
    out.println();
  }

  private static void ramp(PrintWriter out, FragmentsReport report) {
    Ramp.Size size = report.ramp();
    out.printf(
        "ramp: %d tables, %d after most were freed, %d steps of churn, a grace period every %d%n",
        size.peak(), size.low(), size.steps(), size.graceEvery());
    TextTable table =
        new TextTable(
            "n",
            "policy",
            "peak KiB",
            "live KiB",
            "low KiB",
            "low / live",
            "after churn KiB",
            "after churn / live");
    rows(
        table,
        report.ramps(),
        (Ramp result) ->
            new Object[] {
              kib(result.peakPageBytes()),
              kib(result.liveBytes()),
              kib(result.lowPageBytes()),
              ratio(result.lowRatio()),
              kib(result.pageBytes()),
              ratio(result.ratio())
            },
        6);
    table.print(out);
  }

  private static <T> void rows(
      TextTable table, List<Line<T>> lines, Function<T, Object[]> cells, int columns) {
    for (Line<T> line : lines) {
      Stream<Object> found =
          line.result()
              .map(result -> Stream.of(cells.apply(result)))
              .orElseGet(() -> Stream.generate(() -> (Object) NONE).limit(columns));
      table.row(
          Stream.concat(Stream.of(line.sharing().fragments(), line.policy().title()), found)
              .toArray());
    }
  }

  private static long kib(long bytes) {
    return bytes >>> KIB_LG2;
  }

  private static BigDecimal ratio(double value) {
    return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP);
  }
}
