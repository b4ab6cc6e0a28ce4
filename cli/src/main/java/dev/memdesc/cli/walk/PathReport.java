package dev.memdesc.cli.walk;

import dev.memdesc.api.Hex;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.ItemReport;
import dev.memdesc.core.image.ImagePath;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The way of a va, item by item. */
record PathReport(TableFormat format, ImagePath path) {
  void print(PrintWriter out) {
    out.println(" " + format + ", va " + Hex.of(path.va()));
    for (ImagePath.Step step : path.steps()) {
      out.println();
      out.println(
          " level "
              + step.level()
              + " ("
              + format.level(step.level()).manualName()
              + "), item "
              + step.index()
              + " at pa "
              + Hex.of(step.itemPa())
              + ": "
              + Hex.of(step.item()));
      ItemReport.of(format, step.level(), step.item()).printFields(out);
    }
    out.println();
    out.println(" " + sentence());
  }

  /** How the way ends. */
  private String sentence() {
    return switch (path.end()) {
      case MAPPED -> "the va translates to pa " + Hex.of(path.pa());
      case EMPTY -> "the va is not mapped: the item is empty";
      case SOFT -> "the va is not mapped: the item is for software only";
      case INVALID -> "the va does not translate: hardware would report the item";
      case TABLE_OUTSIDE ->
          "the walk ends: the file does not have the item in the table at pa " + Hex.of(path.pa());
      case TABLE_MISALIGNED -> "the walk ends: no table can be at pa " + Hex.of(path.pa());
    };
  }

  Map<String, Object> json() {
    List<Object> steps = new ArrayList<>();
    for (ImagePath.Step step : path.steps()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("index", step.index());
      tree.put("itemPa", Hex.of(step.itemPa()));
      tree.putAll(ItemReport.of(format, step.level(), step.item()).json());
      steps.add(tree);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", format.name());
    tree.put("va", Hex.of(path.va()));
    tree.put("steps", steps);
    tree.put("end", path.end().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    if (path.end() == ImagePath.End.MAPPED) {
      tree.put("pa", Hex.of(path.pa()));
    }
    tree.put("explanation", sentence());
    return tree;
  }
}
