package dev.memdesc.cli.bench;

import dev.memdesc.bench.alloc.AllocReport;
import dev.memdesc.bench.alloc.AllocReport.Line;
import dev.memdesc.bench.alloc.AllocReport.Rival;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prints what {@code memdesc bench alloc} found. */
final class AllocOutput {
  private AllocOutput() {}

  static void print(PrintWriter out, AllocReport report) {
    out.printf("%d JVMs%n", report.forks());
    report.missing().forEach(needs -> out.println("no rival for want of " + needs));
    out.println();
    TextTable table =
        new TextTable("", "ns", "heap bytes", "rival", "rival's ns", "ratio", "min..max");
    for (Line line : report.lines()) {
      String row = line.row();
      for (Rival rival : line.rivals()) {
        table.row(
            row,
            decimals(line.nanos(), 2),
            decimals(line.heapBytes(), 2),
            rival.name(),
            decimals(rival.nanos(), 2),
            decimals(rival.ratio(), 3),
            decimals(rival.leastRatio(), 3) + ".." + decimals(rival.mostRatio(), 3));
      }
      if (line.rivals().isEmpty()) {
        table.row(
            row, decimals(line.nanos(), 2), decimals(line.heapBytes(), 2), "-", "-", "-", "-");
      }
    }
    table.print(out);
  }

  private static BigDecimal decimals(double value, int scale) {
    return BigDecimal.valueOf(value).setScale(scale, RoundingMode.HALF_UP);
  }

  static Map<String, Object> json(AllocReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("forks", report.forks());
    tree.put("missing", report.missing());
    tree.put("rows", report.lines().stream().map(AllocOutput::json).toList());
    return tree;
  }

  private static Map<String, Object> json(Line line) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("question", line.question());
    tree.put("row", line.row());
    tree.put("nanos", line.nanos());
    tree.put("heapBytes", line.heapBytes());
    tree.put("rivals", line.rivals().stream().map(AllocOutput::json).toList());
    return tree;
  }

  private static Map<String, Object> json(Rival rival) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", rival.name());
    tree.put("nanos", rival.nanos());
    Map<String, Object> ratio = new LinkedHashMap<>();
    ratio.put("median", rival.ratio());
    ratio.put("min", rival.leastRatio());
    ratio.put("max", rival.mostRatio());
    tree.put("ratio", ratio);
    return tree;
  }
}
