package dev.memdesc.cli.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code memdesc bench}: a subcommand for each thing that can be measured. */
@Command(
    name = "bench",
    description = "Measure memdesc on this machine.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "SUBJECT",
    subcommands = {
      EngineCommand.class,
      FragmentsCommand.class,
      AllocCommand.class,
      TraceCommand.class,
      RcuCommand.class
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** For picocli. */
  public BenchCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a subject to measure is named");
  }
}
