package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.referee.iommu.UnitGuest;
import dev.memdesc.tck.iommu.ModelUnits;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An IOMMU that is a plugin, with all that the tool looks for beside it in its jar. */
final class PluginIommuTest {
  /** VT-d under another name, without its classes at compile time. */
  private static final String BACKEND =
      """
      import dev.memdesc.api.spi.*;
      import dev.memdesc.api.format.TableFormat;
      import java.util.List;
      public class Mine implements IommuBackend {
        private final IommuBackend vtd;
        public Mine() throws Exception {
          vtd = (IommuBackend) Class.forName("dev.memdesc.iommu.intel.IntelBackend")
              .getConstructor().newInstance();
        }
        private TableFormat ss() {
          return vtd.variants().stream().filter(f -> f.name().equals("intel/ss-48"))
              .findFirst().orElseThrow();
        }
        public String name() { return "mine"; }
        public List<TableFormat> variants() {
          TableFormat f = ss();
          return List.of(new TableFormat("mine/only", f.order(), f.frameLg2(), f.va(), f.paBits(),
              f.levels(), f.capabilities(), f.codec(), f.breakBits(), null));
        }
        public IommuUnit open(UnitParts parts) {
          IommuUnit unit = vtd.open(parts);
          return (IommuUnit) java.lang.reflect.Proxy.newProxyInstance(
              Mine.class.getClassLoader(), new Class<?>[] {IommuUnit.class}, (proxy, method, args) -> {
                if (method.getName().equals("formats")) {
                  return variants();
                }
                for (int i = 0; args != null && i < args.length; i++) {
                  if (args[i] instanceof TableFormat) {
                    args[i] = ss();
                  }
                }
                return method.invoke(unit, args);
              });
        }
      }
      """;

  private static final String MODELS =
      """
      import dev.memdesc.api.spi.HardwareMemory;
      import dev.memdesc.tck.iommu.*;
      public class Models implements ModelUnits {
        public String backend() { return "mine"; }
        public ModelUnit create(HardwareMemory memory) {
          return new IntelModels().create(memory);
        }
      }
      """;

  private static final String GUEST =
      """
      import dev.memdesc.referee.iommu.*;
      import java.util.List;
      public class Asks implements UnitGuest {
        public String backend() { return "mine"; }
        public List<UnitSetting> settings() { return List.of(); }
        public List<String> unseen() { return List.of(); }
      }
      """;

  @TempDir private Path dir;
  private Path plugins = Path.of("plugins");
  private Path trace = Path.of("trace");
  private @Nullable String before;

  @BeforeEach
  void aFolder() throws Exception {
    plugins = Files.createDirectory(dir.resolve("plugins"));
    trace =
        Files.writeString(
            dir.resolve("trace"),
            """
            x-1 [000] 1.000000: map: IOMMU: iova=0x10000 - 0x11000 paddr=0x20000 size=4096
            x-1 [000] 2.000000: unmap: IOMMU: iova=0x10000 - 0x11000 size=4096 unmapped_size=4096
            """);
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

  @Test
  void itsModelsAreFoundInItsJar() throws Exception {
    new CompiledPlugin(dir)
        .provider(IommuBackend.class, "Mine", BACKEND)
        .provider(ModelUnits.class, "Models", MODELS)
        .write(plugins.resolve("mine.jar"));
    ToolRun run = ToolRun.of("replay", "--iommu", "mine", trace.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("mine/only");
  }

  @Test
  void withoutModelsTheTypeToImplementIsNamed() throws Exception {
    new CompiledPlugin(dir)
        .provider(IommuBackend.class, "Mine", BACKEND)
        .write(plugins.resolve("mine.jar"));
    ToolRun run = ToolRun.of("replay", "--iommu", "mine", trace.toString());
    assertThat(run.err()).hasLineCount(1).contains("implement " + ModelUnits.class.getName());
    assertThat(run.exit()).isEqualTo(2);
  }

  @Test
  void modelsThatCannotBeLoadedAreNamed() throws Exception {
    Path jar =
        new CompiledPlugin(dir)
            .provider(IommuBackend.class, "Mine", BACKEND)
            .provider(ModelUnits.class, "Models", MODELS.replace("{ return \"", "{ return \"x"))
            .provider(
                ModelUnits.class,
                "Worse",
                MODELS.replace(
                    "class Models implements ModelUnits {",
                    "class Worse implements ModelUnits { public Worse() { throw new"
                        + " IllegalStateException(\"worse\"); }"))
            .write(plugins.resolve("mine.jar"));
    assertThat(ToolRun.of("replay", "--iommu", "mine", trace.toString()).err())
        .hasLineCount(1)
        .contains("class=plugged.Worse, from=" + jar, "IllegalStateException: worse");
    ToolRun other = ToolRun.of("replay", "--iommu", "intel", trace.toString());
    assertThat(other.err()).isEmpty();
    assertThat(other.exit()).isZero();
  }

  @Test
  void itsGuestIsFoundInItsJarOrTheTypeIsNamed() throws Exception {
    new CompiledPlugin(dir)
        .provider(IommuBackend.class, "Mine", BACKEND)
        .write(plugins.resolve("mine.jar"));
    ToolRun none = ToolRun.of("verify", "--iommu", "mine");
    assertThat(none.err()).hasLineCount(1).contains("implement " + UnitGuest.class.getName());
    assertThat(none.exit()).isEqualTo(2);
    new CompiledPlugin(dir)
        .provider(UnitGuest.class, "Asks", GUEST)
        .write(plugins.resolve("guest.jar"));
    ToolRun found = ToolRun.of("verify", "--iommu", "mine");
    assertThat(found.err()).isEmpty();
    assertThat(found.out()).contains("mine/only", "QEMU walks it nowhere");
  }

  @Test
  void aSurveyAsAnIommuSaysWhatThatIs() {
    ToolRun run = ToolRun.of("survey", "--pid", "1", "--as", "intel/ss-48");
    assertThat(run.err())
        .hasLineCount(1)
        .contains("an address space must have a processor's format: name=intel/ss-48, iommu=intel")
        .contains("replay and verify take --iommu intel", "x86/4-level")
        .doesNotContain("did you mean");
    assertThat(run.exit()).isEqualTo(2);
    ToolRun replay = ToolRun.of("replay", "--iommu", "x86/4-level", trace.toString());
    assertThat(replay.err())
        .hasLineCount(1)
        .contains("a domain must have an IOMMU's format: name=x86; it is a processor's");
    assertThat(replay.exit()).isEqualTo(2);
  }
}
