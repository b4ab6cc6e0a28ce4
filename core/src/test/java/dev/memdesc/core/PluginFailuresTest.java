package dev.memdesc.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.ArchBackend;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that is broken is named with its jar, and leaves those beside it alone. */
final class PluginFailuresTest {
  @TempDir private Path dir;

  @BeforeEach
  void aGoodPluginIsThere() throws Exception {
    PluginJar.write(dir.resolve("good.jar"), PluginBackend.class);
  }

  private void assertSetAside(String... parts) {
    try (BackendRegistry registry = BackendRegistry.discover(dir, PluginJar.classPath())) {
      assertThat(registry.select("plug/one").format().name()).isEqualTo("plug/one");
      assertThat(registry.failures())
          .singleElement()
          .satisfies(
              failure -> {
                assertThat(failure.reason()).isEqualTo(Reason.INCONSISTENT);
                assertThat(failure).hasMessageContainingAll(parts);
              });
    }
  }

  @Test
  void aBackendWhoseConstructorThrows() throws Exception {
    Path jar = PluginJar.write(dir.resolve("broken.jar"), BrokenPluginBackend.class);
    assertSetAside(
        "every plugin must be one that loads: class=" + BrokenPluginBackend.class.getName(),
        "from=" + jar,
        "failure=java.lang.IllegalStateException: no such processor");
  }

  @Test
  void aClassThatIsMissing() throws Exception {
    Path jar = dir.resolve("empty.jar");
    PluginJar.writeService(jar, "com.example.Gone");
    assertSetAside("class=com.example.Gone, from=" + jar, "not found");
  }

  @Test
  void aClassThatIsNoBackend() throws Exception {
    Path jar = dir.resolve("other.jar");
    PluginJar.writeService(jar, PluginJar.class.getName());
    assertSetAside("class=" + PluginJar.class.getName() + ", from=" + jar, "not a subtype");
  }

  @Test
  void severalInOneFolderAreEachNamed() throws Exception {
    PluginJar.writeService(dir.resolve("a.jar"), "com.example.First");
    PluginJar.write(dir.resolve("b.jar"), BrokenPluginBackend.class);
    PluginJar.writeService(dir.resolve("c.jar"), "com.example.Second");
    try (BackendRegistry registry = BackendRegistry.discover(dir, PluginJar.classPath())) {
      assertThat(registry.backends()).extracting(ArchBackend::name).containsExactly("plug");
      assertThat(registry.failures())
          .extracting(Throwable::getMessage)
          .hasSize(3)
          .anyMatch(text -> text.contains("First") && text.contains("a.jar"))
          .anyMatch(text -> text.contains("no such processor") && text.contains("b.jar"))
          .anyMatch(text -> text.contains("Second") && text.contains("c.jar"));
    }
  }

  @Test
  void aFileThatIsNoJar() throws Exception {
    Path jar = Files.writeString(dir.resolve("torn.jar"), "PK");
    assertSetAside("a plugin is a jar that can be read: file=" + jar);
  }

  @Test
  void aFolderThatIsNamedAsAJar() throws Exception {
    Path jar = Files.createDirectory(dir.resolve("folder.jar"));
    assertSetAside("a plugin is a jar that can be read: file=" + jar, "it is a folder");
  }

  @Test
  void aLinkToNothing() throws Exception {
    Path jar = Files.createSymbolicLink(dir.resolve("link.jar"), dir.resolve("nothing"));
    assertSetAside("a plugin is a jar that can be read: file=" + jar, "it is no file");
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path jar = dir.resolve("pipe.jar");
    assertThat(new ProcessBuilder("mkfifo", jar.toString()).start().waitFor()).isZero();
    assertSetAside("a plugin is a jar that can be read: file=" + jar, "it is no file");
  }

  @Test
  void aServiceFileThatInflatesToMuchIsNotReadWhole() throws Exception {
    Path jar = dir.resolve("bomb.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.setLevel(Deflater.BEST_SPEED);
      zip.putNextEntry(new ZipEntry("META-INF/services/" + ArchBackend.class.getName()));
      byte[] blanks = new byte[1 << 20];
      Arrays.fill(blanks, (byte) ' ');
      for (int mib = 0; mib < 600; mib++) {
        zip.write(blanks);
      }
      zip.closeEntry();
    }
    assertSetAside(
        "a service file must have at most 65536 bytes: file=" + jar,
        "entry=" + ArchBackend.class.getName());
  }

  @Test
  void aModuleThatCannotBeLoadedIsNotLeftOut() throws Exception {
    PluginJar.writeService(
        dir.resolve("module.jar"), com.google.inject.Module.class, PluginJar.class);
    BackendRegistry registry = BackendRegistry.discover(dir, PluginJar.classPath());
    assertThatThrownBy(() -> Memdesc.builder().registry(registry).arch("plug/one").build())
        .isInstanceOf(PageTableException.class)
        .hasMessageContainingAll("class=" + PluginJar.class.getName(), "module.jar");
  }
}
