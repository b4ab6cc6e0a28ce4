package dev.memdesc.cli.verify;

import dev.memdesc.cli.output.TextTable;
import dev.memdesc.referee.Verdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The report of {@code memdesc verify} for people. */
final class VerifyText {
  private VerifyText() {}

  static void print(PrintWriter out, List<Verdict> verdicts, long seed) {
    verdicts.stream()
        .flatMap(verdict -> verdict.first().stream())
        .forEach(mismatch -> out.println(mismatch.text()));
    String versions =
        verdicts.stream()
            .filter(Verdict::refereed)
            .map(Verdict::qemu)
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining(", "));
    out.println("QEMU " + (versions.isEmpty() ? "was not asked" : versions) + ", seed " + seed);
    out.println();
    TextTable table = new TextTable("variant", "tables", "accesses", "mismatches", "seconds");
    long accesses = 0;
    long mismatches = 0;
    for (Verdict verdict : verdicts) {
      if (verdict.refereed()) {
        table.row(
            verdict.variant(),
            verdict.tables(),
            verdict.accesses(),
            verdict.mismatches(),
            verdict.seconds());
      } else {
        table.row(verdict.variant(), "unrefereed", "-", "-", "-");
      }
      accesses += verdict.accesses();
      mismatches += verdict.mismatches();
    }
    table.print(out);
    out.println();
    out.println(" in all %,d accesses, %,d mismatches".formatted(accesses, mismatches));
    out.println();
    out.println("unrefereed, because QEMU does not see it");
    unrefereed(verdicts)
        .forEach((what, variants) -> out.println(" " + String.join(", ", variants) + ": " + what));
  }

  /** What nobody looked at, and in which variants. */
  private static Map<String, List<String>> unrefereed(List<Verdict> verdicts) {
    Map<String, List<String>> variants = new LinkedHashMap<>();
    for (Verdict verdict : verdicts) {
      variants
          .computeIfAbsent(String.join(", ", verdict.unrefereed()), what -> new ArrayList<>())
          .add(verdict.variant());
    }
    return variants;
  }
}
