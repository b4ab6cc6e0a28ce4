package dev.memdesc.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.api.spi.IommuUnit;
import dev.memdesc.api.spi.UnitParts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendRegistryTest {
  private static final FakeBackend ZED = FakeBackend.of("zed", "zed/small", "zed/large");
  private static final FakeBackend ABE = FakeBackend.of("abe", "abe/only");
  private static final BackendRegistry REGISTRY = BackendRegistry.of(List.of(ZED, ABE));

  private static final String NAMES =
      "'a backend''s name is lower case letters and digits, with single hyphens between them";

  @TempDir Path dir;

  @Test
  void backendsAreSortedByName() {
    assertThat(REGISTRY.backends()).containsExactly(ABE, ZED);
  }

  @Test
  void aNameIsABackendOrAVariant() {
    assertThat(REGISTRY.select("zed")).isEqualTo(new Selection(ZED, ZED.variants().getFirst()));
    assertThat(REGISTRY.select("zed/large").format().name()).isEqualTo("zed/large");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zad | a format is one that exists: name=zad; did you mean zed? there are abe/only, "
            + "zed/small, zed/large",
        "ABE | a format is one that exists: name=ABE; did you mean abe? there are abe/only, "
            + "zed/small, zed/large",
        "zad/large | a format is one that exists: name=zad/large; did you mean zed/large? there "
            + "are abe/only, zed/small, zed/large",
        "mips64 | a format is one that exists: name=mips64; there are abe/only, zed/small, "
            + "zed/large",
        "zed/lagre | a variant is one that its backend has: name=zed/lagre; did you mean "
            + "zed/large? there are zed/small, zed/large",
        "zed/ | a variant is one that its backend has: name=zed/; there are zed/small, zed/large",
        "'' | a format is one that exists: name=; there are abe/only, zed/small, zed/large"
      })
  void anUnknownNameListsWhatExists(String name, String message) {
    assertThatThrownBy(() -> REGISTRY.select(name))
        .isInstanceOf(PageTableException.class)
        .hasMessage(message)
        .extracting("reason")
        .isEqualTo(Reason.UNKNOWN_NAME);
  }

  @Test
  void twoSwappedLettersAreOneEdit() {
    assertThat(NearestName.edits("x68", "x86")).isEqualTo(1);
    assertThat(NearestName.edits("", "abc")).isEqualTo(3);
    assertThat(NearestName.edits("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestName.of("x68", List.of("arm64", "x86"))).isEqualTo("x86");
  }

  @Test
  void nothingThereIsSaidToo() {
    assertThatThrownBy(() -> BackendRegistry.of(List.of()).select("x86"))
        .hasMessage("a format is one that exists: name=x86; there are none");
  }

  @Test
  void theHostIsFoundByItsArchitectureAndFlags() {
    assertThat(REGISTRY.host("zed-host", Set.of()).format().name()).isEqualTo("zed/small");
    assertThat(REGISTRY.host("zed-host", Set.of("wide")).format().name()).isEqualTo("zed/large");
    assertThatThrownBy(() -> REGISTRY.host("riscv64", Set.of()))
        .hasMessage(
            "a backend is for this host: os.arch=riscv64; "
                + "name a format: abe/only, zed/small, zed/large");
  }

  @Test
  void withoutANameThePropertyAndThenTheHostDecide() {
    FakeBackend here =
        new FakeBackend(
            "here", List.of(FakeBackend.format("here/now")), Set.of(System.getProperty("os.arch")));
    BackendRegistry registry = BackendRegistry.of(List.of(here, ZED));
    String before = System.getProperty(BackendRegistry.ARCH_PROPERTY);
    try {
      System.clearProperty(BackendRegistry.ARCH_PROPERTY);
      assertThat(registry.selectOrHost(null).backend()).isSameAs(here);
      System.setProperty(BackendRegistry.ARCH_PROPERTY, "zed/large");
      assertThat(registry.selectOrHost(null).format().name()).isEqualTo("zed/large");
      assertThat(registry.selectOrHost("here").backend()).isSameAs(here);
    } finally {
      restore(before);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Zed, Zed/a, " + NAMES + ": name=Zed'",
    "'', /a, " + NAMES + ": name='",
    "zed-, zed-/a, " + NAMES + ": name=zed-'",
    "zed--ie, zed--ie/a, " + NAMES + ": name=zed--ie'",
    "zed, abe/a, 'a format''s name is its backend''s, a slash and a variant''s: name=abe/a'",
    "zed, zed/, 'a format''s name is its backend''s, a slash and a variant''s: name=zed/'"
  })
  void aBackendWithWrongNamesIsRefused(String name, String format, String message) {
    assertThatThrownBy(() -> BackendRegistry.of(List.of(FakeBackend.of(name, format))))
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith(message + ", class=dev.memdesc.core.FakeBackend, from=")
        .extracting("reason")
        .isEqualTo(Reason.INCONSISTENT);
  }

  /** An IOMMU with any names, which nobody opens. */
  private record FakeIommu(String name, List<TableFormat> variants) implements IommuBackend {
    @Override
    public IommuUnit open(UnitParts parts) {
      throw new UnsupportedOperationException();
    }
  }

  private static FakeIommu iommu(String name, String format) {
    return new FakeIommu(name, List.of(FakeBackend.format(format)));
  }

  @Test
  void processorsAndIommusShareTheirNames() {
    FakeIommu unit = iommu("abe-unit", "abe-unit/stage-2");
    BackendRegistry both = BackendRegistry.of(List.of(ZED, ABE), List.of(unit));
    assertThat(both.backends()).containsExactly(ABE, ZED);
    assertThat(both.iommus()).containsExactly(unit);
    assertThat(both.all()).containsExactly(ABE, unit, ZED);
    assertThat(both.iommu("abe-unit")).isSameAs(unit);
    assertThat(both.format("abe-unit").name()).isEqualTo("abe-unit/stage-2");
    assertThat(both.format("zed/large").name()).isEqualTo("zed/large");
    assertThatThrownBy(() -> both.select("abe-unit"))
        .as("no processor")
        .extracting("reason")
        .isEqualTo(Reason.UNKNOWN_NAME);
    assertThatThrownBy(() -> both.format("abe-unti/stage-2"))
        .hasMessageContaining("did you mean abe-unit/stage-2? there are abe/only, abe-unit/")
        .extracting("reason")
        .isEqualTo(Reason.UNKNOWN_NAME);
    assertThatThrownBy(() -> BackendRegistry.of(List.of(ZED), List.of(iommu("zed", "zed/two"))))
        .hasMessageStartingWith("a backend's name is its own: name=zed, one=")
        .extracting("reason")
        .isEqualTo(Reason.DUPLICATE_NAME);
  }

  @Test
  void anIommusRootDoesNotGrow() {
    FakeIommu grows = new FakeIommu("tiny", List.of(GroupFormats.growing()));
    assertThatThrownBy(() -> BackendRegistry.of(List.of(), List.of(grows)))
        .hasMessageStartingWith("the root of an IOMMU's format does not grow: devices know it: ")
        .extracting("reason")
        .isEqualTo(Reason.INCONSISTENT);
  }

  @Test
  void aVariantTwiceOrNoneIsRefused() {
    assertThatThrownBy(
            () -> BackendRegistry.of(List.of(FakeBackend.of("zed", "zed/one", "zed/one"))))
        .hasMessageStartingWith("a variant's name is its own: name=zed/one");
    assertThatThrownBy(() -> BackendRegistry.of(List.of(FakeBackend.of("zed"))))
        .hasMessageStartingWith("a backend has a variant: name=zed");
  }

  @Test
  void aJarInTheFolderIsFound() throws Exception {
    PluginJar.write(dir.resolve("plug.jar"), PluginBackend.class);
    Files.writeString(dir.resolve("readme.txt"), "not a jar");
    try (BackendRegistry registry = BackendRegistry.discover(dir, PluginJar.classPath())) {
      ArchBackend found = registry.select("plug").backend();
      assertThat(found.getClass().getName()).isEqualTo(PluginBackend.class.getName());
      assertThat(found.getClass()).isNotSameAs(PluginBackend.class);
    }
  }

  @Test
  void noFolderIsNoPlugins() {
    try (BackendRegistry none = BackendRegistry.discover(null);
        BackendRegistry missing = BackendRegistry.discover(dir.resolve("missing"))) {
      assertThat(none.backends()).isEmpty();
      assertThat(missing.backends()).isEmpty();
    }
  }

  @Test
  void twoBackendsWithOneNameAreRefusedAndBothJarsNamed() throws Exception {
    Path first = PluginJar.write(dir.resolve("first.jar"), PluginBackend.class);
    Path second = PluginJar.write(dir.resolve("second.jar"), RivalPluginBackend.class);
    assertThatThrownBy(() -> BackendRegistry.discover(dir, PluginJar.classPath()))
        .isInstanceOf(PageTableException.class)
        .hasMessage(
            "a backend's name is its own: name=plug, one="
                + first
                + ", other="
                + second
                + "; remove one of them")
        .extracting("reason")
        .isEqualTo(Reason.DUPLICATE_NAME);
  }

  @Test
  void oneBackendInTwoJarsIsRefusedAndBothJarsNamed() throws Exception {
    Path first = PluginJar.write(dir.resolve("old version.jar"), PluginBackend.class);
    Path second = PluginJar.write(dir.resolve("version.jar"), PluginBackend.class);
    assertThatThrownBy(() -> BackendRegistry.discover(dir, PluginJar.classPath()))
        .isInstanceOf(PageTableException.class)
        .hasMessageContainingAll("a backend is in one jar", first.toString(), second.toString())
        .extracting("reason")
        .isEqualTo(Reason.DUPLICATE_NAME);
  }

  @Test
  void cpuFlagsAreTheWordsOfTheFirstProcessor() throws Exception {
    Path cpuinfo =
        Files.writeString(
            dir.resolve("cpuinfo"),
            "processor\t: 0\nmodel name\t: a flags b\nflags\t\t: fpu lm lm la57\nflags\t: other\n");
    assertThat(HostCpu.flags(cpuinfo)).containsExactlyInAnyOrder("fpu", "lm", "la57");
    assertThat(HostCpu.flags(dir.resolve("missing"))).isEmpty();
  }

  private static void restore(@Nullable String value) {
    if (value == null) {
      System.clearProperty(BackendRegistry.ARCH_PROPERTY);
    } else {
      System.setProperty(BackendRegistry.ARCH_PROPERTY, value);
    }
  }
}
