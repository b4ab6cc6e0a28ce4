package dev.memdesc.cli;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.core.BackendRegistry;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code memdesc decode}: what one item says, field by field and as a whole, and which items a va
 * goes through.
 */
@Command(
    name = "decode",
    description = "Explain an item of a page table, or the path of a va through the tables.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  memdesc decode x86 --level PT 0x80000000abcde067",
      "  memdesc decode x86/5-level --va 0x00ab7f1234567000"
    })
final class DecodeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Parameters(index = "0", paramLabel = "FORMAT", description = "A format, such as x86/4-level.")
  private String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ITEM",
      converter = Word.class,
      description = "The item: 0x and hexadecimal digits, or decimal.")
  private @Nullable Long item;

  @Option(
      names = "--level",
      paramLabel = "N",
      description = "The level of the item: 0 for the leaf-only level, or the manual's name.")
  private @Nullable String levelName;

  @Option(
      names = "--va",
      paramLabel = "VA",
      converter = Word.class,
      description = "Show the indices of this va at every level.")
  private @Nullable Long va;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (BackendRegistry registry = Backends.discover()) {
      TableFormat format = registry.format(name);
      Integer level = levelName == null ? null : level(format, levelName);
      VaPath path = va == null ? null : path(format, va, level == null ? 0 : level);
      ItemReport report = report(format, level);
      if (path == null && report == null) {
        throw new ParameterException(spec.commandLine(), "give an ITEM with --level, or --va");
      }
      if (options.json()) {
        JsonOutput.print(out, json(format, path, report));
      } else {
        print(out, path, report);
      }
    }
    out.flush();
    return 0;
  }

  private @Nullable ItemReport report(TableFormat format, @Nullable Integer level) {
    if (item == null) {
      return null;
    }
    if (level == null) {
      throw new ParameterException(
          spec.commandLine(), "an ITEM needs --level: there are " + levels(format));
    }
    if (format.itemBytes() == Integer.BYTES && item >>> Integer.SIZE != 0) {
      throw new ParameterException(
          spec.commandLine(),
          "an item of " + format + " has 4 bytes: item=" + Hex.of(item) + ", level=" + level);
    }
    return ItemReport.of(format, level, item);
  }

  private VaPath path(TableFormat format, long address, int level) {
    try {
      return VaPath.of(format, address, level);
    } catch (PageTableException e) {
      // A bad option, unlike the same refusal in the middle of a run.
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int level(TableFormat format, String text) {
    for (int level = 0; level <= format.rootLevel(); level++) {
      if (text.equals(Integer.toString(level))
          || text.equalsIgnoreCase(format.level(level).manualName())) {
        return level;
      }
    }
    throw new ParameterException(
        spec.commandLine(),
        "a level is one that the format has: level="
            + text
            + ", format="
            + format
            + "; there are "
            + levels(format));
  }

  private static String levels(TableFormat format) {
    List<String> names = new ArrayList<>();
    for (int level = 0; level <= format.rootLevel(); level++) {
      names.add(level + " " + format.level(level).manualName());
    }
    return String.join(", ", names);
  }

  private static Map<String, Object> json(
      TableFormat format, @Nullable VaPath path, @Nullable ItemReport report) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("format", format.name());
    if (path != null) {
      tree.put("va", path.json());
    }
    if (report != null) {
      tree.put("item", report.json());
    }
    return tree;
  }

  private static void print(PrintWriter out, @Nullable VaPath path, @Nullable ItemReport report) {
    if (path != null) {
      path.print(out);
    }
    if (path != null && report != null) {
      out.println();
    }
    if (report != null) {
      report.print(out);
    }
    if (path != null && report != null) {
      report.next(path).forEach(line -> out.println(" " + line));
    }
  }
}
