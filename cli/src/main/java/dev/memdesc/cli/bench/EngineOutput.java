package dev.memdesc.cli.bench;

import dev.memdesc.bench.engine.EngineReport;
import dev.memdesc.bench.engine.EngineReport.Line;
import dev.memdesc.bench.engine.EngineReport.Rival;
import dev.memdesc.bench.engine.EngineReport.Spread;
import dev.memdesc.bench.engine.OperationCounts;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what {@code memdesc bench engine} found. */
final class EngineOutput {
  private static final String NONE = "-";

  private EngineOutput() {}

  static void print(
      PrintWriter out, @Nullable EngineReport report, List<OperationCounts.Line> counts) {
    if (report != null) {
      print(out, report);
      out.println();
    }
    TextTable table =
        new TextTable(
            "counts per operation",
            "words read",
            "words written",
            "lines",
            "atomics",
            "tables allocated");
    for (OperationCounts.Line line : counts) {
      table.row(
          line.row(),
          decimals(line.wordsRead(), 3),
          decimals(line.wordsWritten(), 3),
          decimals(line.linesTouched(), 3),
          decimals(line.atomics(), 4),
          decimals(line.tablesAllocated(), 4));
    }
    table.print(out);
  }

  private static void print(PrintWriter out, EngineReport report) {
    out.printf(
        "%s; %d JVMs each; %s%n%n",
        report.format(),
        report.forks(),
        report.compiler().orElse("no gcc, so there is no rival in C"));
    TextTable table =
        new TextTable(
            "",
            "ns",
            "heap bytes",
            "C -O2 ns",
            "ratio",
            "min..max",
            "C -O3 native ns",
            "ratio",
            "min..max",
            "C -O2 locked ratio",
            "min..max",
            report.formats() + " formats / 1",
            "min..max");
    for (Line line : report.lines()) {
      List<Object> cells = new ArrayList<>();
      cells.add(line.row());
      cells.add(decimals(line.nanos(), 2));
      cells.add(decimals(line.heapBytes(), 2));
      for (int rival = 0; rival < 2; rival++) {
        if (rival < line.rivals().size()) {
          Rival twin = line.rivals().get(rival);
          cells.add(decimals(twin.nanos(), 2));
          add(cells, twin.ratio());
        } else {
          cells.addAll(List.of(NONE, NONE, NONE));
        }
      }
      if (line.rivals().size() > 2) {
        add(cells, line.rivals().get(2).ratio());
      } else {
        cells.addAll(List.of(NONE, NONE));
      }
      add(cells, line.manyFormats());
      table.row(cells.toArray());
    }
    table.print(out);
  }

  private static void add(List<Object> cells, Spread spread) {
    cells.add(decimals(spread.median(), 2));
    cells.add(decimals(spread.min(), 2) + ".." + decimals(spread.max(), 2));
  }

  private static BigDecimal decimals(double value, int scale) {
    return BigDecimal.valueOf(value).setScale(scale, RoundingMode.HALF_UP);
  }

  static Object json(@Nullable EngineReport report, List<OperationCounts.Line> counts) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (report != null) {
      tree.put("format", report.format());
      tree.put("forks", report.forks());
      tree.put("formatsLoaded", report.formats());
      report.compiler().ifPresent(compiler -> tree.put("compiler", compiler));
      tree.put("rows", report.lines().stream().map(EngineOutput::json).toList());
    }
    tree.put("counts", counts.stream().map(EngineOutput::json).toList());
    return tree;
  }

  private static Map<String, Object> json(Line line) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("question", line.question());
    tree.put("row", line.row());
    tree.put("nanos", line.nanos());
    tree.put("heapBytes", line.heapBytes());
    tree.put("rivals", line.rivals().stream().map(EngineOutput::json).toList());
    tree.put("manyFormats", json(line.manyFormats()));
    return tree;
  }

  private static Map<String, Object> json(Rival rival) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", rival.title());
    tree.put("nanos", rival.nanos());
    tree.put("ratio", json(rival.ratio()));
    return tree;
  }

  private static Map<String, Object> json(Spread spread) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("median", spread.median());
    tree.put("min", spread.min());
    tree.put("max", spread.max());
    return tree;
  }

  private static Map<String, Object> json(OperationCounts.Line line) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("question", line.question());
    tree.put("row", line.row());
    tree.put("wordsRead", line.wordsRead());
    tree.put("wordsWritten", line.wordsWritten());
    tree.put("linesTouched", line.linesTouched());
    tree.put("atomics", line.atomics());
    tree.put("tablesAllocated", line.tablesAllocated());
    return tree;
  }
}
