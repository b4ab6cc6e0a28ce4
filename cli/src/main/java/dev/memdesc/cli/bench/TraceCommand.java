package dev.memdesc.cli.bench;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.bench.trace.TraceGenerator;
import dev.memdesc.bench.trace.TraceKind;
import dev.memdesc.bench.trace.TraceStyle;
import dev.memdesc.cli.CommonOptions;
import dev.memdesc.cli.output.JsonOutput;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc bench trace}: writes a trace for {@code memdesc replay}. */
@Command(
    name = "trace",
    description = {
      "Write a trace of iommu:map and iommu:unmap events as a driver causes them, for memdesc"
          + " replay.",
      "The same seed gives the same trace everywhere."
    },
    mixinStandardHelpOptions = true)
final class TraceCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";
  private static final long SEED = 20231221;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions options = new CommonOptions();

  @Option(
      names = "--kind",
      paramLabel = "NAME",
      required = true,
      description =
          "network-ring (a page for each packet), nvme-queue (scatter lists), vfio-pin (whole"
              + " machines, one after the other), iova-stress (a page in every 2 MiB).")
  private String kind = "";

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "How many (default ${DEFAULT-VALUE}); 1048576 of iova-stress are 1 TiB.")
  private long events = 1_000_000;

  @Option(names = "--seed", paramLabel = "N", description = "Of everything that is drawn.")
  private long seed = SEED;

  @Option(
      names = "--style",
      paramLabel = "NAME",
      description = "Who seems to have printed it: ftrace (default), trace-cmd, perf.")
  private String style = TraceStyle.FTRACE.title();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Where to; - is standard output; a name that ends in .gz is compressed.")
  private String out = "";

  @Override
  public Integer call() {
    boolean standard = out.equals(STANDARD_OUTPUT);
    if (events < 1) {
      throw new ParameterException(spec.commandLine(), "a trace has an event: events=" + events);
    }
    if (standard && options.json()) {
      throw new ParameterException(
          spec.commandLine(), "These do not go together: --json and --out -");
    }
    TraceGenerator trace =
        new TraceGenerator(TraceKind.of(kind), events, seed, TraceStyle.of(style));
    TraceGenerator.Summary summary;
    try (OutputStream file = open(standard)) {
      summary = trace.write(file);
    } catch (IOException e) {
      throw PageTableException.because(Reason.INPUT, "a trace is written where there is room")
          .with("file", out)
          .with("error", e.getClass().getSimpleName())
          .build(e);
    }
    if (!standard) {
      print(trace, summary);
    }
    return 0;
  }

  private OutputStream open(boolean standard) throws IOException {
    if (standard) {
      return new FileOutputStream(FileDescriptor.out);
    }
    OutputStream file = Files.newOutputStream(Path.of(out));
    return out.endsWith(".gz") ? new GZIPOutputStream(file, 1 << 16) : file;
  }

  private void print(TraceGenerator trace, TraceGenerator.Summary summary) {
    PrintWriter text = spec.commandLine().getOut();
    if (options.json()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("kind", trace.kind().title());
      tree.put("style", trace.style().title());
      tree.put("seed", trace.seed());
      tree.put("events", trace.events());
      tree.put("maps", summary.maps());
      tree.put("unmaps", summary.unmaps());
      tree.put("attaches", summary.attaches());
      tree.put("textBytes", summary.bytes());
      JsonOutput.print(text, tree);
    } else {
      text.printf(
          "%s: %,d maps, %,d unmaps, %,d attaches; %,d bytes of text; seed %d%n",
          out, summary.maps(), summary.unmaps(), summary.attaches(), summary.bytes(), trace.seed());
    }
    text.flush();
  }
}
