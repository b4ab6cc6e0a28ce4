package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.spi.ArchBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plugins that are broken in every way: a line for each, and the tool goes on without them. */
final class BrokenPluginsTest {
  private static final String HEAD =
      "public class Broken extends dev.memdesc.cli.PluginBackend { public Broken() {} ";
  private static final String VARIANTS =
      "public java.util.List<dev.memdesc.api.format.TableFormat> variants() ";

  @TempDir private Path dir;
  private Path plugins = Path.of("plugins");
  private @Nullable String before;

  @BeforeEach
  void aFolder() throws Exception {
    plugins = Files.createDirectory(dir.resolve("plugins"));
    before = System.getProperty(Backends.PLUGINS_PROPERTY);
    System.setProperty(Backends.PLUGINS_PROPERTY, plugins.toString());
  }

  @AfterEach
  void noFolder() {
    if (before == null) {
      System.clearProperty(Backends.PLUGINS_PROPERTY);
    } else {
      System.setProperty(Backends.PLUGINS_PROPERTY, before);
    }
  }

  private Path write(String body, String... without) throws Exception {
    return new CompiledPlugin(dir)
        .source("Helper", "public class Helper extends dev.memdesc.cli.PluginBackend {}")
        .provider(ArchBackend.class, "Broken", body)
        .write(plugins.resolve("broken.jar"), without);
  }

  /** The command ends as without the plugin, and a line says what is wrong with it. */
  private static void assertLeftAlone(Path jar, String... parts) {
    ToolRun run = ToolRun.of("list", "x86/pae");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains("x86/pae: va 32 bits");
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("memdesc: a plugin is left out: ")
        .contains("class=plugged.Broken, from=" + jar)
        .contains(parts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "public String name() { throw new IllegalStateException(\"no name\"); }"
            + "| method=name, failure=java.lang.IllegalStateException: no name",
        "public String name() { return null; } | method=name, failure=null",
        "public String name() { return name(); }"
            + "| method=name, failure=java.lang.StackOverflowError",
        "public String name() { throw new AssertionError(3); }"
            + "| method=name, failure=java.lang.AssertionError: 3",
        "public String name() { throw new NoSuchMethodError(\"old\"); }"
            + "| method=name, failure=java.lang.NoSuchMethodError: old",
        "public String name() { return \"a/b\"; } | name=a/b",
        "public String name() { return \"\"; } | name=,",
        "public String name() { return \"a\\u001b[2Jb\\u2028c\\ud800\"; } | name=a?[2Jb?c?,",
        "VARIANTS{ throw new IllegalStateException(\"none\"); }"
            + "| method=variants, failure=java.lang.IllegalStateException: none",
        "VARIANTS{ return null; } | method=variants, failure=null",
        "VARIANTS{ return java.util.Arrays.asList(super.variants().get(0), null); }"
            + "| a variant is not null",
        "VARIANTS{ return java.util.List.of(); } | a backend has a variant",
        "VARIANTS{ return java.util.List.of(super.variants().get(0), super.variants().get(0)); }"
            + "| a variant's name is its own: name=plug/eighth",
        "public java.util.Set<String> hostArchNames() { return null; }"
            + "| method=hostArchNames, failure=null",
        "public java.util.Set<String> hostArchNames() { throw new RuntimeException(\"\\u202e\"); }"
            + "| failure=java.lang.RuntimeException: ?",
        "static { if (true) throw new IllegalStateException(\"no such\\ud840\\udc00 one\"); }"
            + "| failure=java.lang.IllegalStateException: no such\ud840\udc00 one",
        "{ if (true) throw new Error(new String(Character.toChars(0xE0001))); }"
            + "| failure=java.lang.Error: ?",
      },
      quoteCharacter = '`')
  void whatABackendDoesWrongIsNamed(String method, String part) throws Exception {
    Path jar = write(HEAD + method.replace("VARIANTS", VARIANTS) + "}");
    assertLeftAlone(jar, part);
  }

  @Test
  void aClassThatIsMissingIsNamed() throws Exception {
    Path jar =
        write("public class Broken extends Helper { public Broken() {} }", "plugged/Helper.class");
    assertLeftAlone(jar, "java.lang.NoClassDefFoundError: plugged/Helper");
  }

  @Test
  void aClassOfALaterJavaIsNamed() throws Exception {
    Path jar = write(HEAD + "}");
    try (java.nio.file.FileSystem zip = java.nio.file.FileSystems.newFileSystem(jar)) {
      Path file = zip.getPath("plugged/Broken.class");
      byte[] bytes = Files.readAllBytes(file);
      bytes[7] = (byte) 200;
      Files.write(file, bytes);
    }
    assertLeftAlone(jar, "java.lang.UnsupportedClassVersionError");
  }

  /** Memory that is used up in a plugin is used up in every command that looks for backends. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "decode x86/4-level --va 0",
        "walk --arch x86/4-level --root 0 x",
        "survey --pid 1",
        "replay --iommu intel x",
        "verify --arch x86/4-level",
        "verify --iommu intel",
      })
  void anErrorIsOneLineInEveryCommand(String command) throws Exception {
    write(HEAD + "public String name() { throw new OutOfMemoryError(\"planted\"); } }");
    Path file = Files.writeString(dir.resolve("x"), "");
    ToolRun run = ToolRun.of(command.replaceFirst(" x$", " " + file).split(" "));
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("memdesc: out of memory: planted; give more with MEMDESC_JAVA_OPTS=-Xmx");
    assertThat(run.exit()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java.util.List<long[]> all = new java.util.ArrayList<>();"
            + " while (true) all.add(new long[1 << 16]); | memdesc: out of memory",
        "Thread thread = new Thread(() -> { throw new StackOverflowError(); }); thread.start();"
            + " while (true) { try { Thread.sleep(50); } catch (InterruptedException e) {} }"
            + "| memdesc: out of stack",
        "Thread thread = new Thread(() -> { throw new IllegalStateException(\"a\\nb\"); });"
            + " thread.start();"
            + " while (true) { try { Thread.sleep(50); } catch (InterruptedException e) {} }"
            + "| memdesc: a?b",
      })
  void aProcessEndsWithOneLine(String body, String line) throws Exception {
    write(HEAD + "public String name() { " + body + " } }");
    ToolRun run =
        ToolRun.ofProcess(
            dir,
            Map.of(),
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx24m",
                "-Dmemdesc.plugins=" + plugins,
                "-cp",
                CompiledPlugin.classPath(),
                "dev.memdesc.cli.Main",
                "list"));
    assertThat(run.err()).startsWith(line).hasLineCount(1);
    assertThat(run.exit()).isEqualTo(1);
  }

  @Test
  void theStackTraceOfAnErrorIsShownWhenAskedFor() throws Exception {
    write(HEAD + "public String name() { throw new OutOfMemoryError(\"planted\"); } }");
    assertThat(ToolRun.of("list", "--verbose").err()).contains("\tat ", "plugged.Broken.name(");
  }

  @Test
  void whatAPluginSaysIsPrintedWithoutControlCharacters() throws Exception {
    new CompiledPlugin(dir)
        .provider(
            ArchBackend.class,
            "Broken",
            HEAD
                + VARIANTS
                + "{ var f = super.variants().get(0); var l = f.levels().get(0);"
                + " var named = new dev.memdesc.api.format.LevelLayout(\"\\u001b[2JLEV\\u2029EL\","
                + " l.shift(), l.indexBits(), l.table(), l.empty(), l.emptyItem(), l.isTable(),"
                + " l.tablePa(), l.tableConstant(), l.leaves(), l.accessed(), l.dirty(),"
                + " l.mirror()); return java.util.List.of(new"
                + " dev.memdesc.api.format.TableFormat(f.name(), f.order(), f.frameLg2(), f.va(),"
                + " f.paBits(), java.util.List.of(named), f.capabilities(), f.codec())); } }")
        .write(plugins.resolve("said.jar"));
    for (String command : List.of("list", "list plug", "decode plug --level 0 0")) {
      ToolRun run = ToolRun.of(command.split(" "));
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).as(command).contains("?[2JLEV?EL").doesNotContain("\u001b", "\u2029");
    }
  }
}
