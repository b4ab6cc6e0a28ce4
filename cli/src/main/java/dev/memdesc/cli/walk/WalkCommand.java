package dev.memdesc.cli.walk;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.cli.Backends;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.Word;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.image.ImagePath;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.MemoryImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code memdesc walk}: what tables in a file map, or the way of one va through them. */
@Command(
    name = "walk",
    description = {
      "Walk page tables in a file of physical memory: a raw image, the RAM file of a QEMU guest,",
      "or an ELF core as dump-guest-memory writes it. Shows what is mapped, counts tables, and",
      "ends with 1 if something is wrong with them; with --va it explains the way of one address."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  memdesc walk guest.ram --arch x86/4-level --root 0x1000",
      "  memdesc walk guest.core --arch s390/4-level --root 0x8000 --va 0x10000"
    })
public final class WalkCommand implements Callable<Integer> {
  private static final int EXIT_FINDINGS = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Parameters(index = "0", paramLabel = "FILE", description = "The memory.")
  private Path file = Path.of("");

  @Option(
      names = "--arch",
      required = true,
      paramLabel = "NAME",
      description = "The format of the tables, such as x86/4-level.")
  private String name = "";

  @Option(
      names = "--root",
      required = true,
      paramLabel = "PA",
      converter = Word.class,
      description = "Where the root table is.")
  private long root;

  @Option(
      names = "--base",
      paramLabel = "PA",
      converter = Word.class,
      description = "The file is raw, and its first byte is at this pa (default 0).")
  private @Nullable Long base;

  @Option(
      names = "--va",
      paramLabel = "VA",
      converter = Word.class,
      description = "Explain the way of this va, level by level.")
  private @Nullable Long va;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Show at most so many ranges (default 1000); all are counted.")
  private int limit = 1000;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description = "Walk at most so many tables (default 4194304).")
  private long budget = 1L << 22;

  /** For picocli. */
  public WalkCommand() {}

  @Override
  public Integer call() {
    if (limit < 0 || budget < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "walk shows 0 or more ranges of at least 1 table: limit=" + limit + ", budget=" + budget);
    }
    PrintWriter out = spec.commandLine().getOut();
    boolean sound;
    try (BackendRegistry registry = Backends.discover()) {
      TableFormat format = registry.format(name);
      Long address = va;
      if (address != null) {
        checkVa(format, address);
      }
      try (MemoryImage image = MemoryImage.open(file, base)) {
        ImageTables tables = tables(format, image);
        sound = address == null ? walk(out, tables, image) : explain(out, tables, address);
      }
    }
    out.flush();
    return sound ? 0 : EXIT_FINDINGS;
  }

  private boolean walk(PrintWriter out, ImageTables tables, MemoryImage image) {
    WalkResult result = WalkResult.of(tables, limit, budget);
    if (options.json()) {
      JsonOutput.print(out, WalkJson.of(tables, image, result));
    } else {
      WalkText.print(out, tables, image, result);
    }
    return result.findings() == 0;
  }

  private boolean explain(PrintWriter out, ImageTables tables, long address) {
    ImagePath path = tables.path(address);
    PathReport report = new PathReport(tables.format(), path);
    if (options.json()) {
      JsonOutput.print(out, report.json());
    } else {
      report.print(out);
    }
    return !path.end().isFinding();
  }

  private void checkVa(TableFormat format, long address) {
    try {
      format.checkVa(address);
    } catch (PageTableException e) {
      throw badOption(e);
    }
  }

  private ImageTables tables(TableFormat format, MemoryImage image) {
    try {
      return new ImageTables(format, image, root);
    } catch (PageTableException e) {
      throw e.reason() == Reason.MISALIGNED ? badOption(e) : e;
    }
  }

  /** A refusal of what an option said, unlike the same refusal in the middle of a walk. */
  private ParameterException badOption(PageTableException refusal) {
    return new ParameterException(spec.commandLine(), refusal.getMessage(), refusal);
  }
}
