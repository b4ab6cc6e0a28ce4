package dev.memdesc.cli;

import picocli.CommandLine.Option;

/** Options that every command has. */
public final class CommonOptions {
  @Option(
      names = "--json",
      description = "Print JSON for machines; the keys are listed in docs/json.md.")
  private boolean json;

  @Option(names = "--verbose", description = "Show the stack trace of an error.")
  private boolean verbose;

  /** Whether to print JSON. */
  public boolean json() {
    return json;
  }

  /** Whether to show stack traces. */
  public boolean verbose() {
    return verbose;
  }
}
