package dev.memdesc.cli;

import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.cli.output.TextTable;
import dev.memdesc.core.BackendRegistry;
import java.io.PrintWriter;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memdesc list}: the backends, their formats, and the geometry of each. */
@Command(
    name = "list",
    description = "Show the backends and the geometry of their formats.",
    mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Parameters(
      paramLabel = "FORMAT",
      arity = "0..1",
      description = "Show the levels of this format, such as x86/5-level.")
  private @Nullable String name;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (BackendRegistry registry = Backends.discover()) {
      List<FormatBackend> backends = registry.all();
      List<TableFormat> formats =
          name == null
              ? backends.stream().flatMap(backend -> backend.variants().stream()).toList()
              : List.of(registry.format(name));
      String host = hostFormat(registry);
      if (options.json()) {
        JsonOutput.print(out, json(registry, formats, host));
      } else if (name == null) {
        printFormats(out, formats, host);
      } else {
        printLevels(out, formats.getFirst());
      }
    }
    out.flush();
    return 0;
  }

  /** The name of this machine's format, or "" if no backend is for it. */
  private static String hostFormat(BackendRegistry registry) {
    try {
      return registry.host().format().name();
    } catch (PageTableException e) {
      if (e.reason() != Reason.UNKNOWN_NAME) {
        throw e;
      }
      return "";
    }
  }

  private static void printFormats(PrintWriter out, List<TableFormat> formats, String host) {
    TextTable table =
        new TextTable(
            "format",
            "va bits",
            "pa bits",
            "leaves",
            "levels and their index bits",
            "root bytes",
            "leaf table bytes",
            "per page");
    for (TableFormat format : formats) {
      List<String> levels = new ArrayList<>();
      for (LevelLayout level : format.levels().reversed()) {
        levels.add(level.manualName() + " " + level.indexBits());
      }
      table.row(
          format.name() + (format.name().equals(host) ? " *" : ""),
          format.va().bits() + (format.growsInto() == null ? "" : "+"),
          format.paBits(),
          format.leafSizes(),
          String.join(", ", levels),
          format.levels().getLast().table().allBytes(),
          format.level(0).table().allBytes(),
          tablesPerPage(format, format.level(0)));
    }
    table.print(out);
    out.println();
    if (!host.isEmpty()) {
      out.println(" * this host. The first format of a backend is its default.");
    }
    if (formats.stream().anyMatch(format -> format.growsInto() != null)) {
      out.println(" + the root grows when more is needed.");
    }
    out.println(" memdesc list FORMAT shows each level.");
  }

  private static void printLevels(PrintWriter out, TableFormat format) {
    out.println(
        " "
            + format
            + ": va "
            + format.va().bits()
            + " bits, pa "
            + format.paBits()
            + " bits, pages of "
            + PageSizes.name(format.frameLg2())
            + ", items of "
            + format.itemBytes()
            + " bytes, "
            + order(format));
    TableFormat next = format.growsInto();
    if (next != null) {
      out.println(" grows into " + next + " when more va is needed");
    }
    out.println();
    TextTable table =
        new TextTable(
            "level",
            "name",
            "index bits",
            "item spans",
            "leaf",
            "table bytes",
            "shadow",
            "per page");
    for (int number = format.rootLevel(); number >= 0; number--) {
      LevelLayout level = format.level(number);
      table.row(
          number,
          level.manualName(),
          level.indexBits(),
          PageSizes.name(level.shift()),
          leafSizes(level),
          level.table().bytes(),
          level.table().shadowBytes(),
          tablesPerPage(format, level));
    }
    table.print(out);
  }

  private static List<Object> json(
      BackendRegistry registry, List<TableFormat> formats, String host) {
    List<Object> tree = new ArrayList<>();
    for (FormatBackend backend : registry.all()) {
      List<Object> variants = new ArrayList<>();
      for (TableFormat format : backend.variants()) {
        if (formats.contains(format)) {
          variants.add(json(backend, format, host));
        }
      }
      if (!variants.isEmpty()) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("backend", backend.name());
        one.put("kind", backend instanceof ArchBackend ? "processor" : "iommu");
        if (backend instanceof ArchBackend arch) {
          one.put("hostArchNames", arch.hostArchNames().stream().sorted().toList());
        }
        one.put("formats", variants);
        tree.add(one);
      }
    }
    return tree;
  }

  private static Map<String, Object> json(FormatBackend backend, TableFormat format, String host) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", format.name());
    tree.put("default", format.equals(backend.variants().getFirst()));
    tree.put("host", format.name().equals(host));
    tree.put("vaBits", format.va().bits());
    tree.put("paBits", format.paBits());
    tree.put("pageBytes", format.frameBytes());
    tree.put("byteOrder", order(format));
    tree.put("itemBytes", format.itemBytes());
    tree.put("rootBytes", format.levels().getLast().table().allBytes());
    List<Object> levels = new ArrayList<>();
    for (int number = 0; number <= format.rootLevel(); number++) {
      LevelLayout level = format.level(number);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("level", number);
      one.put("name", level.manualName());
      one.put("indexBits", level.indexBits());
      one.put("itemSpanBytes", 1L << level.shift());
      one.put("leafBytes", level.leaves().stream().map(leaf -> 1L << leaf.sizeLg2()).toList());
      one.put("tableBytes", level.table().bytes());
      one.put("shadowBytes", level.table().shadowBytes());
      one.put("alignBytes", 1L << level.table().alignLg2());
      one.put("tablesPerPage", tablesPerPage(format, level));
      levels.add(one);
    }
    tree.put("levels", levels);
    TableFormat next = format.growsInto();
    if (next != null) {
      tree.put("growsInto", next.name());
    }
    return tree;
  }

  /** How many tables share a page; 1 also for a table of several pages. */
  private static long tablesPerPage(TableFormat format, LevelLayout level) {
    long align = 1L << level.table().alignLg2();
    long bytes = (level.table().allBytes() + align - 1) & -align;
    return Math.max(1, format.frameBytes() / bytes);
  }

  private static String leafSizes(LevelLayout level) {
    List<String> sizes = new ArrayList<>();
    for (Leaf leaf : level.leaves()) {
      sizes.add(PageSizes.name(leaf.sizeLg2()));
    }
    return sizes.isEmpty() ? "-" : String.join("/", sizes);
  }

  private static String order(TableFormat format) {
    return format.order() == ByteOrder.BIG_ENDIAN ? "big-endian" : "little-endian";
  }
}
