package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A real plugin: sources that are compiled now, service files, and a jar of both. */
final class CompiledPlugin {
  private final Path work;
  private final Map<String, String> services = new LinkedHashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();

  CompiledPlugin(Path work) {
    this.work = work;
  }

  /** Adds a class of the package {@code plugged} that a service file names. */
  CompiledPlugin provider(Class<?> service, String name, String source) {
    services.merge(service.getName(), "plugged." + name, (a, b) -> a + "\n" + b);
    return source(name, source);
  }

  /** Adds a class of the package {@code plugged}. */
  CompiledPlugin source(String name, String source) {
    sources.put(name, "package plugged;\n" + source);
    return this;
  }

  /** The class path of this test run, for compilers and child processes. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Compiles, and writes the jar without the classes that are named. */
  Path write(Path jar, String... without) throws IOException {
    Path classes = Files.createTempDirectory(work, "classes");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<? extends JavaFileObject> units =
        sources.entrySet().stream().map(one -> new Source(one.getKey(), one.getValue())).toList();
    List<String> options =
        List.of("-d", classes.toString(), "-cp", classPath(), "-proc:none", "-nowarn");
    assertThat(compiler.getTask(null, null, null, options, null, units).call()).isTrue();
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Map.Entry<String, String> service : services.entrySet()) {
        zip.putNextEntry(new ZipEntry("META-INF/services/" + service.getKey()));
        zip.write(service.getValue().getBytes(StandardCharsets.UTF_8));
      }
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = classes.relativize(file).toString();
        if (!List.of(without).contains(name)) {
          zip.putNextEntry(new ZipEntry(name));
          zip.write(Files.readAllBytes(file));
        }
      }
    }
    return jar;
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///plugged/" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
