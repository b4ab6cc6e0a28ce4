package dev.memdesc.cli.output;

import java.io.PrintWriter;
import tools.jackson.jr.ob.JSON;

/** Writes trees of {@code Map}, {@code List}, strings, numbers and booleans as indented JSON. */
public final class JsonOutput {
  private static final JSON WRITER = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private JsonOutput() {}

  /** Prints the tree and a line end. */
  public static void print(PrintWriter out, Object tree) {
    out.println(WRITER.asString(tree));
  }
}
