package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.spi.ArchBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** Runs the launcher on the jars of this build, with nothing in its environment that helps. */
class LauncherIT {
  private static final Path LAUNCHER = ToolRun.LAUNCHER;
  private static final Path JARS = Path.of(System.getProperty("memdesc.jars"));

  @TempDir Path dir;

  @Test
  void theRunThatWritesTheArchiveIsNotSpoiled() throws Exception {
    Path archive = JARS.resolve("memdesc.jsa");
    Files.deleteIfExists(archive);
    ToolRun writing = run(LAUNCHER, Map.of(), "list", "--json");
    assertThat(writing.err()).isEmpty();
    assertThat(writing.exit()).isZero();
    assertThat(JSON.std.listFrom(writing.out())).isNotEmpty();
    assertThat(archive).exists();

    ToolRun reading = run(LAUNCHER, Map.of(), "list", "--json");
    assertThat(reading).isEqualTo(writing);
  }

  @Test
  void anArchiveOfOtherJarsIsReplacedInSilence() throws Exception {
    Path archive = JARS.resolve("memdesc.jsa");
    Files.writeString(archive, "no archive");
    Files.setLastModifiedTime(archive, FileTime.fromMillis(0));
    ToolRun run = run(LAUNCHER, Map.of(), "list");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(Files.size(archive)).isGreaterThan(100_000);
  }

  @Test
  void aWrongNameEndsWithTwo() throws Exception {
    ToolRun run = run(LAUNCHER, Map.of(), "decode", "x68", "--va", "0");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1).first().asString().contains("did you mean x86?");
  }

  @Test
  void aPluginInTheFolderAppears() throws Exception {
    Path plugins = Files.createDirectory(dir.resolve("plugins"));
    writePlugin(plugins.resolve("plug.jar"));
    ToolRun run =
        run(LAUNCHER, Map.of("MEMDESC_JAVA_OPTS", "-Dmemdesc.plugins=" + plugins), "list");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("plug/eighth", "x86/4-level")
        .containsPattern("LEAVES 6 .* 8\\R");
  }

  @Test
  void aLinkToTheLauncherWorksFromAnywhere() throws Exception {
    Path link = Files.createSymbolicLink(dir.resolve("tool"), LAUNCHER);
    ToolRun run = run(link, Map.of(), "--version");
    Files.delete(link);
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("memdesc ");
  }

  @Test
  void aJavaHomeThatIsNotTwentyFiveIsPassedOver() throws Exception {
    Path old = dir.resolve("old-jdk");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho wrong JDK\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    ToolRun run = run(LAUNCHER, Map.of("JAVA_HOME", old.toString()), "--version");
    assertThat(run.out()).startsWith("memdesc ");
  }

  private ToolRun run(Path launcher, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    return ToolRun.ofProcess(dir, environment, command);
  }

  private static void writePlugin(Path jar) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("META-INF/services/" + ArchBackend.class.getName()));
      zip.write(PluginBackend.class.getName().getBytes(StandardCharsets.UTF_8));
      for (Class<?> type : List.of(PluginBackend.class, PluginBackend.Codec.class)) {
        String path = type.getName().replace('.', '/') + ".class";
        zip.putNextEntry(new ZipEntry(path));
        try (InputStream in = PluginBackend.class.getResourceAsStream("/" + path)) {
          zip.write(Objects.requireNonNull(in).readAllBytes());
        }
      }
    }
  }
}
