package dev.memdesc.cli.verify;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.cli.Backends;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import dev.memdesc.cli.output.TerminalProgress;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.Mismatch;
import dev.memdesc.referee.Referee;
import dev.memdesc.referee.Verdict;
import dev.memdesc.referee.iommu.IommuReferee;
import dev.memdesc.referee.iommu.IommuVerdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc verify}: has QEMU walk random tables of a format, and compares. */
@Command(
    name = "verify",
    description = {
      "Build random address spaces and have QEMU's MMU walk them: loads, stores and fetches,",
      "with and without privilege; pages, holes and what is beside them. With --iommu devices do",
      "DMA through random domains of an IOMMU of QEMU's. Ends with 1 if QEMU sees anything else",
      "than a plain map and the manual's rules say. Needs QEMU 7; for VT-d's first stage",
      "MEMDESC_QEMU10 names the folder of a QEMU 10."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  memdesc verify --arch x86/4-level --tables 20 --seed 7",
      "  memdesc verify --iommu intel --json"
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final int EXIT_MISMATCH = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--tables",
      paramLabel = "N",
      description = "Address spaces of each format (default 100).")
  private int tables = 100;

  @Option(
      names = "--dmas",
      paramLabel = "N",
      description = "DMAs through each format of an IOMMU, at least (default 20000).")
  private long dmas = 20_000;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of all choices (default: a random one, which is printed).")
  private @Nullable Long seed;

  /** For picocli. */
  public VerifyCommand() {}

  /** What is verified. */
  static final class Subject {
    @Option(
        names = "--arch",
        required = true,
        split = ",",
        paramLabel = "NAME",
        description = "Backends, with all of their formats, or formats, such as x86/4-level.")
    private List<String> names = List.of();

    @Option(
        names = "--iommu",
        required = true,
        split = ",",
        paramLabel = "NAME",
        description = "IOMMUs, with all of their formats, such as intel.")
    private List<String> iommus = List.of();

    @Option(names = "--all", required = true, description = "Every format that there is.")
    private boolean all;
  }

  @Override
  public Integer call() {
    if (tables < 1) {
      throw new ParameterException(
          spec.commandLine(), "verify builds at least 1 table: tables=" + tables);
    }
    if (dmas < 1) {
      throw new ParameterException(spec.commandLine(), "verify does at least 1 DMA: dmas=" + dmas);
    }
    long chosen = seed != null ? seed : ThreadLocalRandom.current().nextLong();
    return subject.iommus.isEmpty() ? verifyProcessors(chosen) : verifyIommus(chosen);
  }

  private int verifyIommus(long chosen) {
    IommuReferee referee = new IommuReferee(Backends::discover, dmas, chosen);
    List<IommuVerdict> verdicts = new ArrayList<>();
    long expected;
    try (BackendRegistry registry = Backends.discover()) {
      expected =
          subject.iommus.stream()
              .mapToLong(name -> registry.iommu(name).variants().size() * dmas)
              .sum();
    }
    try (TerminalProgress progress = new TerminalProgress(!options.json(), "verify", expected)) {
      for (String name : subject.iommus) {
        progress.begin(name);
        verdicts.addAll(referee.referee(name, progress::add));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      JsonOutput.print(
          out, verdicts.stream().map(verdict -> IommuText.tree(verdict, chosen)).toList());
    } else {
      IommuText.print(out, verdicts, chosen);
    }
    out.flush();
    return verdicts.stream().allMatch(verdict -> verdict.mismatches() == 0) ? 0 : EXIT_MISMATCH;
  }

  private int verifyProcessors(long chosen) {
    List<String> formats = formats();
    PrintWriter out = spec.commandLine().getOut();
    List<Verdict> verdicts = new ArrayList<>();
    Referee referee = new Referee(Backends::discover, tables, chosen);
    try (TerminalProgress progress =
        new TerminalProgress(!options.json(), "verify", (long) formats.size() * tables)) {
      for (String format : formats) {
        progress.begin(format);
        Verdict verdict = referee.referee(format, table -> progress.add(1));
        if (!verdict.refereed()) {
          progress.add(tables);
        }
        verdicts.add(verdict);
      }
    }
    if (options.json()) {
      JsonOutput.print(out, verdicts.stream().map(verdict -> json(verdict, chosen)).toList());
    } else {
      VerifyText.print(out, verdicts, chosen);
    }
    out.flush();
    return verdicts.stream().allMatch(verdict -> verdict.mismatches() == 0) ? 0 : EXIT_MISMATCH;
  }

  /** The formats that were named, each once. */
  private List<String> formats() {
    Set<String> formats = new LinkedHashSet<>();
    try (BackendRegistry registry = Backends.discover()) {
      if (subject.all) {
        registry.backends().forEach(backend -> addAll(formats, backend));
      }
      for (String name : subject.names) {
        ArchBackend backend = registry.select(name).backend();
        if (name.equals(backend.name())) {
          addAll(formats, backend);
        } else {
          formats.add(registry.select(name).format().name());
        }
      }
    }
    return List.copyOf(formats);
  }

  private static void addAll(Set<String> formats, ArchBackend backend) {
    backend.variants().stream().map(TableFormat::name).forEach(formats::add);
  }

  private static Map<String, Object> json(Verdict verdict, long chosen) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("variant", verdict.variant());
    if (verdict.refereed()) {
      tree.put("qemu", verdict.qemu());
    }
    tree.put("seed", chosen);
    tree.put("tables", verdict.tables());
    tree.put("accesses", verdict.accesses());
    tree.put("leaves", verdict.leaves());
    tree.put("mismatches", verdict.mismatches());
    tree.put("seconds", verdict.seconds());
    tree.put("unrefereed", verdict.unrefereed());
    tree.put("messages", verdict.first().stream().map(Mismatch::text).toList());
    return tree;
  }
}
