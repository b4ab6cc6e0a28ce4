package dev.memdesc.cli.survey;

import dev.memdesc.api.Hex;
import dev.memdesc.cli.input.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A survey as a tree for JSON. The keys are documented in docs/survey.md. */
final class SurveyJson {
  private SurveyJson() {}

  /** The list of reports. */
  static List<Map<String, Object>> tree(List<SurveyReport> reports) {
    List<Map<String, Object>> trees = new ArrayList<>();
    for (SurveyReport report : reports) {
      trees.add(tree(report));
    }
    return trees;
  }

  private static Map<String, Object> tree(SurveyReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("pid", report.pid());
    tree.put("command", report.command());
    tree.put("format", report.format());
    tree.put("hugePages", report.scanned() ? "scanned" : "inferred");
    tree.put("quiet", report.quiet());
    tree.put("incomplete", !report.isComplete());
    tree.put("verdict", report.verdict());
    tree.put("predictedVmPteKiB", report.predictedKiB());
    tree.put("kernelVmPteKiB", report.kernelKiB());
    Difference difference = report.difference();
    if (difference != null) {
      tree.put("differenceKiB", difference.totalKiB());
      tree.put("reclaimableKiB", difference.reclaimableKiB());
      tree.put("invisibleKiB", difference.invisibleKiB());
      tree.put("movingKiB", difference.movingKiB());
      tree.put("unknownKiB", difference.unknownKiB());
    }
    tree.put("invisibleBoundKiB", report.invisibleBoundKiB());
    tree.put("residentKiB", report.residentKiB());
    tree.put("tablesPercentOfResident", report.percentOfResident());
    tree.put("allocatedKiB", report.allocatedKiB());
    tree.put("levels", report.levels().stream().map(SurveyJson::level).toList());
    tree.put("mappingCount", report.mappingCount());
    tree.put("mappings", report.mappings().stream().map(SurveyJson::mapping).toList());
    tree.put("badLineCount", report.badLineCount());
    tree.put("badLines", report.badLines());
    tree.put("notes", report.notes());
    return tree;
  }

  static Map<String, Object> level(SurveyReport.Level level) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("level", level.counts().level());
    tree.put("manualName", level.manualName());
    tree.put("linked", level.counts().linked());
    tree.put("deposited", level.counts().deposited());
    tree.put("hardwareKiB", level.counts().hardwareBytes() >> 10);
    tree.put("allocatedKiB", level.counts().allocatedBytes() >> 10);
    Map<String, Object> occupancy = new LinkedHashMap<>();
    for (int i = 0; i < Occupancy.KEYS.size(); i++) {
      occupancy.put(Occupancy.KEYS.get(i), level.occupancy().tables(i));
    }
    tree.put("occupancy", occupancy);
    return tree;
  }

  private static Map<String, Object> mapping(SurveyReport.Contributor contributor) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Vma vma = contributor.vma();
    tree.put("start", Hex.of(vma.start()));
    tree.put("end", Hex.of(vma.end()));
    tree.put("permissions", vma.permissions());
    tree.put("name", Printable.of(vma.name()));
    tree.put("tableKiB", contributor.tableBytes() >> 10);
    tree.put("residentKiB", contributor.residentKiB());
    return tree;
  }
}
