package dev.memdesc.cli.bench;

import dev.memdesc.bench.fragments.Churn;
import dev.memdesc.bench.fragments.Dense;
import dev.memdesc.bench.fragments.FragmentsReport;
import dev.memdesc.bench.fragments.FragmentsReport.Line;
import dev.memdesc.bench.fragments.Ramp;
import dev.memdesc.bench.fragments.Stranded;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The JSON of {@code memdesc bench fragments}; docs/json.md lists the keys. */
final class FragmentsJson {
  private FragmentsJson() {}

  static Map<String, Object> tree(FragmentsReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("seed", report.seed());
    tree.put("steps", report.churn().steps());
    tree.put("backlogBound", FragmentsReport.backlogBound());
    tree.put("stranded", lines(report.stranded(), FragmentsJson::stranded));
    tree.put("dense", lines(report.dense(), FragmentsJson::dense));
    tree.put("churn", lines(report.churns(), FragmentsJson::churn));
    tree.put("liveChurn", lines(report.live(), FragmentsJson::live));
    tree.put("ramp", lines(report.ramps(), FragmentsJson::ramp));
    return tree;
  }

  private static <T> List<Map<String, Object>> lines(
      List<Line<T>> lines, BiConsumer<Map<String, Object>, T> figures) {
    return lines.stream()
        .map(
            line -> {
              Map<String, Object> tree = new LinkedHashMap<>();
              tree.put("policy", line.policy().title());
              tree.put("tablesPerPage", line.sharing().fragments());
              tree.put("tableBytes", line.sharing().tableBytes());
              tree.put("has", line.result().isPresent());
              line.result().ifPresent(result -> figures.accept(tree, result));
              return tree;
            })
        .toList();
  }

  private static void stranded(Map<String, Object> tree, Stranded result) {
    tree.put("fullBytes", result.fullBytes());
    tree.put("heldBytes", result.heldBytes());
    tree.put("newPageBytes", result.newPageBytes());
    tree.put("emptyBytes", result.emptyBytes());
  }

  private static void dense(Map<String, Object> tree, Dense result) {
    tree.put("tables", result.tables());
    tree.put("pageBytes", result.pageBytes());
  }

  private static void churn(Map<String, Object> tree, Churn result) {
    tree.put("liveBytes", result.liveBytes());
    tree.put("pageBytes", result.pageBytes());
    tree.put("ratio", result.ratio());
    tree.put("mostPageBytes", result.mostPageBytes());
    tree.put("survivorBytes", result.survivorBytes());
    tree.put("survivorPageBytes", result.survivorPageBytes());
    tree.put("survivorRatio", result.survivorRatio());
    tree.put("curveBytes", result.curve());
  }

  private static void live(Map<String, Object> tree, Churn result) {
    tree.put("liveBytes", result.liveBytes());
    tree.put("pageBytes", result.pageBytes());
    tree.put("ratio", result.ratio());
    tree.put("mostPageBytes", result.mostPageBytes());
  }

  private static void ramp(Map<String, Object> tree, Ramp result) {
    tree.put("peakPageBytes", result.peakPageBytes());
    tree.put("liveBytes", result.liveBytes());
    tree.put("lowPageBytes", result.lowPageBytes());
    tree.put("lowRatio", result.lowRatio());
    tree.put("pageBytes", result.pageBytes());
    tree.put("ratio", result.ratio());
  }
}
