package dev.memdesc.cli.walk;

import dev.memdesc.api.Hex;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.ItemReport;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImagePart;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.LevelCensus;
import dev.memdesc.core.image.MemoryImage;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A walk for machines: the keys are in docs/json.md. */
final class WalkJson {
  private WalkJson() {}

  static Map<String, Object> of(ImageTables tables, MemoryImage image, WalkResult result) {
    TableFormat format = tables.format();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", format.name());
    tree.put("root", Hex.of(tables.rootPa()));
    tree.put("kind", image.isElfCore() ? "elf-core" : "raw");
    tree.put("parts", image.parts().stream().map(WalkJson::part).toList());
    tree.put("mappedBytes", result.bytes());
    tree.put("rangeCount", result.ranges());
    tree.put("ranges", result.first().stream().map(WalkJson::range).toList());
    tree.put("levels", result.levels().stream().map(level -> level(format, level)).toList());
    tree.put("findingCount", result.findings());
    Map<String, Object> counts = new LinkedHashMap<>();
    result.counts().forEach((kind, count) -> counts.put(words(kind), count));
    tree.put("findingCounts", counts);
    tree.put("findings", result.shown().stream().map(found -> finding(format, found)).toList());
    return tree;
  }

  private static Map<String, Object> part(ImagePart part) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("pa", Hex.of(part.pa()));
    tree.put("sizeBytes", part.bytes());
    return tree;
  }

  private static Map<String, Object> range(WalkResult.Range range) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("va", Hex.of(range.va().start()));
    tree.put("lastVa", Hex.of(range.va().last()));
    tree.put("pa", Hex.of(range.pa()));
    tree.put("sizeBytes", range.va().length());
    tree.put("leafBytes", 1L << range.leafLg2());
    tree.put("attributes", ItemReport.json(range.attributes()));
    return tree;
  }

  private static Map<String, Object> level(TableFormat format, LevelCensus level) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("level", level.level());
    tree.put("name", format.level(level.level()).manualName());
    tree.put("tables", level.tables());
    tree.put("emptyTables", level.emptyTables());
    tree.put("sharedTables", level.sharedTables());
    tree.put("tableItems", level.items(EntryKind.TABLE));
    tree.put("leafItems", level.items(EntryKind.LEAF));
    tree.put("softItems", level.items(EntryKind.SOFT));
    tree.put("invalidItems", level.items(EntryKind.INVALID));
    tree.put("occupancy", level.occupancy());
    return tree;
  }

  private static Map<String, Object> finding(TableFormat format, Finding finding) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("kind", words(finding.kind()));
    tree.put("level", finding.level());
    tree.put("name", format.level(finding.level()).manualName());
    tree.put("va", Hex.of(finding.va()));
    tree.put("itemPa", Hex.of(finding.itemPa()));
    tree.put("item", Hex.of(finding.item()));
    return tree;
  }

  private static String words(Finding.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
