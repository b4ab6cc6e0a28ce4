import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java file of the project.
 *
 * <p>Spotless formats inside Maven's own JVM (17), which cannot read Java 25 sources; this runs on
 * the toolchain's JDK. Usage: {@code java tools/Format.java FORMATTER_JAR check|fix}.
 */
public final class Format {
  private Format() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length != 2 || !(args[1].equals("check") || args[1].equals("fix"))) {
      System.err.println("usage: java tools/Format.java FORMATTER_JAR check|fix");
      System.exit(2);
    }
    boolean fix = args[1].equals("fix");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", args[0]));
    command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    int fixed = command.size();
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("target/"))
          .map(Path::toString)
          .sorted()
          .forEach(command::add);
    }
    if (command.size() == fixed) {
      return;
    }
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      System.err.println(
          "these files are not in google-java-format: run `mvn -N validate -Dformat=fix`");
    }
    System.exit(exit);
  }
}
