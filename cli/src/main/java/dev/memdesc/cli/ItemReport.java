package dev.memdesc.cli;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one item says.
 *
 * @param format the format
 * @param level the level of the table that it is in
 * @param item the item
 * @param kind what it is
 * @param leaf which leaf it is, if it is one
 */
public record ItemReport(
    TableFormat format, int level, long item, EntryKind kind, @Nullable Leaf leaf) {

  /** What an item in a table of a level says. */
  public static ItemReport of(TableFormat format, int level, long item) {
    LevelLayout layout = format.level(level);
    EntryKind kind = layout.kind(item);
    return new ItemReport(
        format, level, item, kind, kind == EntryKind.LEAF ? layout.leafOf(item) : null);
  }

  /** Prints the item with where it is. */
  void print(PrintWriter out) {
    String name = format.level(level).manualName();
    out.println(" " + format + ", level " + level + " (" + name + "), item " + Hex.of(item));
    out.println();
    printFields(out);
  }

  /** Prints the item field by field and as a whole. */
  public void printFields(PrintWriter out) {
    TextTable table = new TextTable("bits", "name", "value", "meaning");
    for (BitField field : format.codec().picture(item, level)) {
      long value = field.value(item);
      table.row(
          bits(field), field.name(), "0x" + Long.toHexString(value), field.meaning().apply(value));
    }
    table.print(out);
    out.println();
    out.println(" " + summary());
  }

  /** The item as a whole, in a line. */
  public String summary() {
    return switch (kind) {
      case EMPTY -> "empty";
      case TABLE ->
          "table: a "
              + format.level(level - 1).manualName()
              + " at pa "
              + Hex.of(format.level(level).tablePa().decode(item));
      case LEAF ->
          leaf == null
              ? "leaf"
              : "leaf of "
                  + PageSizes.name(leaf.sizeLg2())
                  + " at pa "
                  + Hex.of(leaf.pa().decode(item))
                  + ": "
                  + format.codec().decode(item, level);
      case SOFT -> {
        SoftEntry soft = soft();
        yield soft == null
            ? "soft: hardware ignores it, and it is not one of memdesc's own entries"
            : "soft: " + words(soft.kind()) + ", payload " + Hex.of(soft.payload());
      }
      case INVALID -> "invalid: hardware would report a fault";
    };
  }

  /** Where the walk of a va goes on from here. */
  List<String> next(VaPath path) {
    if (kind == EntryKind.TABLE) {
      LevelLayout below = format.level(level - 1);
      long table = format.level(level).tablePa().decode(item);
      long next = table + (long) below.index(path.va()) * format.itemBytes();
      return List.of("the walk goes on at the item at pa " + Hex.of(next));
    }
    if (leaf != null) {
      return List.of("the va translates to pa " + Hex.of(leaf.pa().decode(item) + path.offset()));
    }
    return List.of();
  }

  /** The keys of {@code item} in docs/json.md. */
  public Map<String, Object> json() {
    LevelLayout layout = format.level(level);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("level", level);
    tree.put("name", layout.manualName());
    tree.put("item", Hex.of(item));
    tree.put("kind", words(kind));
    if (kind == EntryKind.TABLE) {
      tree.put("pa", Hex.of(layout.tablePa().decode(item)));
    }
    if (leaf != null) {
      tree.put("pa", Hex.of(leaf.pa().decode(item)));
      tree.put("leafBytes", 1L << leaf.sizeLg2());
      tree.put("attributes", json(format.codec().decode(item, level)));
    }
    SoftEntry soft = kind == EntryKind.SOFT ? soft() : null;
    if (soft != null) {
      tree.put("softKind", words(soft.kind()));
      tree.put("payload", Hex.of(soft.payload()));
    }
    List<Object> fields = new ArrayList<>();
    for (BitField field : format.codec().picture(item, level)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", field.name());
      one.put("high", field.high());
      one.put("low", field.low());
      one.put("value", "0x" + Long.toHexString(field.value(item)));
      one.put("meaning", field.meaning().apply(field.value(item)));
      fields.add(one);
    }
    tree.put("fields", fields);
    return tree;
  }

  /** The keys of {@code item.attributes} in docs/json.md. */
  public static Map<String, Object> json(Attributes attributes) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (Access access : Access.values()) {
      tree.put(words(access), attributes.has(access));
    }
    tree.put("memoryType", words(attributes.memoryType()));
    tree.put("protectionKey", attributes.protectionKey());
    tree.put("software", attributes.software());
    return tree;
  }

  /** The SOFT entry, or null if another kernel wrote it. */
  private @Nullable SoftEntry soft() {
    try {
      return format.codec().decodeSoft(item, level);
    } catch (PageTableException e) {
      return null;
    }
  }

  private static String bits(BitField field) {
    return field.high() == field.low() ? "" + field.high() : field.high() + ":" + field.low();
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
