package dev.memdesc.cli;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.output.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The items that the walk of a va goes through.
 *
 * @param format the format
 * @param va the address
 * @param lastLevel the level of the item that ends the walk
 */
record VaPath(TableFormat format, long va, int lastLevel) {
  /** The path of a va. Throws as {@link TableFormat#checkVa}. */
  static VaPath of(TableFormat format, long va, int lastLevel) {
    format.checkVa(va);
    return new VaPath(format, va, lastLevel);
  }

  /** Bytes from the first that the last item translates to the va. */
  long offset() {
    return va & (1L << format.level(lastLevel).shift()) - 1;
  }

  void print(PrintWriter out) {
    out.println(" " + format + ", va " + Hex.of(va));
    out.println();
    TextTable table = new TextTable("level", "name", "va bits", "index", "item at byte");
    for (int number = format.rootLevel(); number >= lastLevel; number--) {
      LevelLayout level = format.level(number);
      int index = level.index(va);
      table.row(
          number,
          level.manualName(),
          level.spanLg2() - 1 + ":" + level.shift(),
          index,
          "0x" + Integer.toHexString(index * format.itemBytes()));
    }
    table.print(out);
    out.println();
    out.println(
        " offset in the "
            + PageSizes.name(format.level(lastLevel).shift())
            + " of an item of level "
            + lastLevel
            + ": 0x"
            + Long.toHexString(offset()));
  }

  Map<String, Object> json() {
    List<Object> indices = new ArrayList<>();
    for (int number = format.rootLevel(); number >= lastLevel; number--) {
      LevelLayout level = format.level(number);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("level", number);
      one.put("name", level.manualName());
      one.put("index", level.index(va));
      one.put("itemOffsetBytes", level.index(va) * format.itemBytes());
      indices.add(one);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("va", Hex.of(va));
    tree.put("indices", indices);
    tree.put("offsetBytes", offset());
    return tree;
  }
}
