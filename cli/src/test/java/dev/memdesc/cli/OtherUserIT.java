package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Surveys a process of root as a user who may not. */
class OtherUserIT {
  private static final String NOBODY = "65534";
  private static final Path JARS =
      Path.of(System.getProperty("memdesc.jars", "target")).toAbsolutePath().normalize();

  @TempDir Path dir;

  @Test
  void aProcessOfAnotherUserIsRefusedInOneLine() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
    Path jar = copyTheTool();
    Process victim = new ProcessBuilder("sleep", "1000").start();
    try {
      String pid = Long.toString(victim.pid());
      ToolRun run =
          ToolRun.ofProcess(
              dir,
              Map.of(),
              List.of(
                  "setpriv",
                  "--reuid=" + NOBODY,
                  "--regid=" + NOBODY,
                  "--clear-groups",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-jar",
                  jar.toString(),
                  "survey",
                  "--pid",
                  pid));
      assertThat(run.err().lines()).hasSize(1).first().asString().contains("pid=" + pid);
      assertThat(run.err()).contains("the same user, or runs as root").doesNotContain("\tat ");
      assertThat(run.out()).isEmpty();
      assertThat(run.exit()).isEqualTo(1);
    } finally {
      victim.destroyForcibly().waitFor();
    }
  }

  /** The jars where another user can read them. */
  private Path copyTheTool() throws Exception {
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path lib = Files.createDirectory(dir.resolve("lib"));
    try (Stream<Path> jars = Files.list(JARS.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
    try (Stream<Path> jars = Files.list(JARS)) {
      Path jar =
          jars.filter(
                  file ->
                      file.getFileName().toString().matches("memdesc-cli-[^-]*(-SNAPSHOT)?.jar"))
              .findFirst()
              .orElseThrow();
      return Files.copy(jar, dir.resolve("memdesc-cli.jar"));
    }
  }
}
