package dev.memdesc.cli.verify;

import dev.memdesc.cli.output.TextTable;
import dev.memdesc.referee.Mismatch;
import dev.memdesc.referee.iommu.IommuVerdict;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The reports of {@code memdesc verify --iommu}: for people, and the trees for programs. */
final class IommuText {
  private IommuText() {}

  static void print(PrintWriter out, List<IommuVerdict> verdicts, long seed) {
    verdicts.stream()
        .flatMap(verdict -> verdict.first().stream())
        .forEach(mismatch -> out.println(mismatch.text()));
    String versions =
        verdicts.stream()
            .filter(IommuVerdict::refereed)
            .map(IommuVerdict::qemu)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    out.println("QEMU " + (versions.isEmpty() ? "was not asked" : versions) + ", seed " + seed);
    out.println();
    TextTable table = new TextTable("variant", "unit", "dmas", "faults", "mismatches", "seconds");
    for (IommuVerdict verdict : verdicts) {
      if (verdict.refereed()) {
        table.row(
            verdict.variant(),
            verdict.setting(),
            verdict.dmas(),
            verdict.faults(),
            verdict.mismatches(),
            verdict.seconds());
      } else {
        table.row(verdict.variant(), "unrefereed", "-", "-", "-", "-");
      }
    }
    table.print(out);
    out.println();
    out.println(
        " in all %,d DMAs, %,d of them refused, %,d mismatches"
            .formatted(
                verdicts.stream().mapToLong(IommuVerdict::dmas).sum(),
                verdicts.stream().mapToLong(IommuVerdict::faults).sum(),
                verdicts.stream().mapToLong(IommuVerdict::mismatches).sum()));
    out.println();
    out.println("unrefereed, because QEMU does not see it");
    verdicts.stream()
        .collect(
            Collectors.groupingBy(
                verdict -> String.join(", ", verdict.unrefereed()),
                LinkedHashMap::new,
                Collectors.mapping(IommuVerdict::variant, Collectors.toCollection(TreeSet::new))))
        .forEach((what, variants) -> out.println(" " + String.join(", ", variants) + ": " + what));
  }

  static Map<String, Object> tree(IommuVerdict verdict, long seed) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("variant", verdict.variant());
    if (verdict.refereed()) {
      tree.put("unit", verdict.setting());
      tree.put("qemu", verdict.qemu());
    }
    tree.put("seed", seed);
    tree.put("dmas", verdict.dmas());
    tree.put("faults", verdict.faults());
    tree.put("mismatches", verdict.mismatches());
    tree.put("seconds", verdict.seconds());
    tree.put("unrefereed", verdict.unrefereed());
    tree.put("messages", verdict.first().stream().map(Mismatch::text).toList());
    return tree;
  }
}
