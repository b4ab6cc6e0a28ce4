package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every command that the README shows with its output and compares, with each number taken as
 * any number: another process has other page tables, but it has the same report.
 */
class ReadmeIT {
  private static final Path README = ToolRun.LAUNCHER.resolveSibling("README.md");

  @TempDir Path dir;

  /** A command and the lines printed below it. */
  private record Example(String command, List<String> output) {}

  private static List<Example> examples() throws Exception {
    List<Example> examples = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(README)) {
      if (line.startsWith("```")) {
        inside = line.equals("```console");
      } else if (inside && line.startsWith("$ ")) {
        examples.add(new Example(line.substring(2), new ArrayList<>()));
      } else if (inside) {
        examples.getLast().output().add(line);
      }
    }
    return examples;
  }

  @Test
  void everyExamplePrintsWhatTheReadmeShows() throws Exception {
    List<Example> examples = examples();
    assertThat(examples).as("the first screen has an example").isNotEmpty();
    for (Example example : examples) {
      assertThat(example.command()).startsWith("./memdesc ");
      List<String> command = new ArrayList<>(List.of(example.command().split(" ")));
      command.set(0, ToolRun.LAUNCHER.toString());
      ToolRun run = ToolRun.ofProcess(dir, Map.of(), command);
      assertThat(run.exit()).as(example.command()).isZero();
      List<String> printed = shapes(run.out().lines().toList());
      for (String line : shapes(example.output())) {
        assertThat(printed).as("%s prints", example.command()).contains(line);
      }
    }
  }

  /**
   * Lines without what differs from run to run: numbers, and the names in the list of mappings,
   * which begin with an address.
   */
  private static List<String> shapes(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.contains(" 0x0"))
        .map(line -> line.replaceAll("[0-9][0-9,.]*", "N").replaceAll(" +", " ").strip())
        .toList();
  }
}
