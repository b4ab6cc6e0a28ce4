package dev.memdesc.cli.walk;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.ItemReport;
import dev.memdesc.cli.output.TextTable;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.LevelCensus;
import dev.memdesc.core.image.MemoryImage;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A walk for people. */
final class WalkText {
  private static final int KIB_LG2 = 10;

  private WalkText() {}

  static void print(PrintWriter out, ImageTables tables, MemoryImage image, WalkResult result) {
    TableFormat format = tables.format();
    out.println(" " + format + ", root " + Hex.of(tables.rootPa()) + ", " + image);
    out.println();
    printRanges(out, result);
    out.println();
    printLevels(out, format, result.levels());
    long shared = result.levels().stream().mapToLong(LevelCensus::sharedTables).sum();
    if (shared > 0) {
      out.println();
      out.println(
          " note: items that lead to a table that was walked already, which is not shown again: "
              + shared);
    }
    result.counts().forEach((kind, count) -> printFindings(out, format, result, kind, count));
  }

  private static void printRanges(PrintWriter out, WalkResult result) {
    if (!result.first().isEmpty()) {
      TextTable table = new TextTable("va", "last va", "pa", "KiB", "leaf", "attributes");
      for (WalkResult.Range range : result.first()) {
        table.row(
            Hex.of(range.va().start()),
            Hex.of(range.va().last()),
            Hex.of(range.pa()),
            range.va().length() >>> KIB_LG2,
            PageSizes.name(range.leafLg2()),
            range.attributes());
      }
      table.print(out);
      out.println();
    }
    long hidden = result.ranges() - result.first().size();
    out.println(
        " mapped: "
            + (result.bytes() >>> KIB_LG2)
            + " KiB in "
            + result.ranges()
            + " ranges"
            + (hidden == 0 ? "" : "; " + hidden + " of them are not shown, see --limit"));
  }

  private static void printLevels(PrintWriter out, TableFormat format, List<LevelCensus> levels) {
    List<String> titles = new ArrayList<>(List.of("level", "name", "tables"));
    titles.addAll(List.of("TABLE", "LEAF", "SOFT", "INVALID"));
    LevelCensus.OCCUPANCY.forEach(titles::add);
    TextTable table = new TextTable(titles.toArray(String[]::new));
    for (LevelCensus level : levels.reversed()) {
      List<Object> cells = new ArrayList<>();
      cells.add(level.level());
      cells.add(format.level(level.level()).manualName());
      cells.add(level.tables());
      for (EntryKind kind :
          List.of(EntryKind.TABLE, EntryKind.LEAF, EntryKind.SOFT, EntryKind.INVALID)) {
        cells.add(level.items(kind));
      }
      cells.addAll(level.occupancy());
      table.row(cells.toArray());
    }
    table.print(out);
  }

  private static void printFindings(
      PrintWriter out, TableFormat format, WalkResult result, Finding.Kind kind, long count) {
    out.println();
    out.println(" found: " + kind.words() + ": " + count + " times");
    for (Finding finding : result.shown()) {
      if (finding.kind() == kind) {
        out.println(
            "   va "
                + Hex.of(finding.va())
                + ", item "
                + Hex.of(finding.item())
                + " at pa "
                + Hex.of(finding.itemPa())
                + ", level "
                + finding.level()
                + " ("
                + format.level(finding.level()).manualName()
                + "): "
                + ItemReport.of(format, finding.level(), finding.item()).summary());
      }
    }
  }
}
