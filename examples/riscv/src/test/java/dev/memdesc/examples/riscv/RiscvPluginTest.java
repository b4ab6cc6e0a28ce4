package dev.memdesc.examples.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import dev.memdesc.referee.NegativeControl;
import dev.memdesc.referee.Referee;
import dev.memdesc.referee.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example as a jar in a plugins folder: memdesc is not rebuilt for it, and QEMU walks it. */
final class RiscvPluginTest {
  private static final int TABLES = 12;
  private static final Attributes READ_WRITE =
      Attributes.of(Access.READ, Access.WRITE, Access.USER, Access.ACCESSED, Access.DIRTY);

  @TempDir static Path plugins;

  @BeforeAll
  static void packPlugin() {
    Plugin.pack(plugins);
  }

  @Test
  void itIsFoundInItsJarOnly() {
    try (BackendRegistry without = BackendRegistry.discover(null);
        BackendRegistry with = BackendRegistry.discover(plugins)) {
      assertThat(without.backends()).isEmpty();
      assertThat(with.select("riscv").format().name()).isEqualTo("riscv/sv39");
      assertThat(with.select("riscv").backend().variants())
          .extracting(TableFormat::name)
          .containsExactly(
              "riscv/sv39",
              "riscv/sv48",
              "riscv/sv57",
              "riscv/sv39-svnapot",
              "riscv/sv48-svnapot",
              "riscv/sv57-svnapot");
    }
  }

  @Test
  void itemsAreThoseOfTheManual() {
    try (BackendRegistry registry = BackendRegistry.discover(plugins)) {
      Selection sv39 = registry.select("riscv/sv39");
      TableFormat format = sv39.format();
      assertThat(format.level(2).tableItem(0x8100_1000L)).isEqualTo(0x2040_0401L);
      assertLeaf(format, 0, 0xABCD_E000L, READ_WRITE, 0x2AF3_78D7L);
      assertLeaf(
          format,
          0,
          0xABCD_F000L,
          Attributes.of(Access.READ, Access.USER, Access.ACCESSED),
          0x2AF3_7C53L);
      assertLeaf(format, 0, 0xABCE_0000L, Attributes.USER_CODE.with(Access.ACCESSED), 0x2AF3_805BL);
      assertLeaf(
          format,
          0,
          0xABCE_1000L,
          READ_WRITE.with(MemoryType.WRITE_COMBINING),
          0x2000_0000_2AF3_84D7L);
      assertLeaf(format, 1, 0x4020_0000L, READ_WRITE, 0x1008_00D7L);
      assertLeaf(format, 2, 0xC000_0000L, READ_WRITE, 0x3000_00D7L);
      assertLeaf(
          format,
          0,
          0xABCD_E000L,
          Attributes.KERNEL_DATA.with(Access.EXECUTE, Access.ACCESSED, Access.DIRTY),
          0x2AF3_7800L | 0xEF);
      TableFormat napot = registry.select("riscv/sv39-svnapot").format();
      assertLeaf(
          napot,
          napot.level(0).leaves().getLast(),
          0,
          0xABD0_0000L,
          READ_WRITE,
          0x8000_0000_2AF4_20D7L);
      assertThat(satp(sv39, 1)).isEqualTo("0x8000100000081000");
      assertThat(satp(registry.select("riscv/sv48"), 1)).isEqualTo("0x9000100000081000");
      assertThat(satp(registry.select("riscv/sv57"), 1)).isEqualTo("0xa000100000081000");
    }
  }

  private static void assertLeaf(
      TableFormat format, int level, long pa, Attributes attributes, long item) {
    assertLeaf(format, format.level(level).leaves().getFirst(), level, pa, attributes, item);
  }

  private static void assertLeaf(
      TableFormat format, Leaf leaf, int level, long pa, Attributes attributes, long item) {
    long made =
        format.codec().bits(attributes, level, leaf) | leaf.constant() | leaf.pa().encode(pa);
    assertThat(Hex.of(made)).isEqualTo(Hex.of(item));
    assertThat(leaf.pa().decode(made)).isEqualTo(pa);
    assertThat(format.codec().decode(made, level)).isEqualTo(attributes);
  }

  private static String satp(Selection selection, int asid) {
    return Hex.of(
        selection.backend().activation(selection.format(), 0x8100_0000L, asid).getFirst().value());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "riscv/sv39",
        "riscv/sv48",
        "riscv/sv57",
        "riscv/sv39-svnapot",
        "riscv/sv48-svnapot",
        "riscv/sv57-svnapot"
      })
  void qemuWalksIt(String format) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(format + ": " + TABLES + " tables under QEMU, -Dmemdesc.seed=" + seed);
    Verdict verdict =
        ask(
            () ->
                new Referee(() -> BackendRegistry.discover(plugins), TABLES, seed)
                    .referee(format, table -> {}));
    assertThat(verdict.first()).isEqualTo(List.of());
    assertThat(verdict.mismatches()).isZero();
    assertThat(verdict.accesses()).isGreaterThan(TABLES * 500L);
  }

  /** Every bit that QEMU can see is flipped once, and QEMU sees it. */
  @ParameterizedTest
  @ValueSource(strings = {"riscv/sv39", "riscv/sv57-svnapot"})
  void qemuNoticesEveryFlippedBit(String format) {
    long seed = Long.getLong("memdesc.seed", 1);
    Map<String, Boolean> noticed =
        ask(() -> NegativeControl.run(() -> BackendRegistry.discover(plugins), format, seed));
    System.out.println(format + ": " + noticed.size() + " bits flipped, seed " + seed);
    assertThat(noticed).hasSizeGreaterThan(100);
    assertThat(noticed.keySet().stream().filter(what -> !noticed.getOrDefault(what, false)))
        .isEmpty();
  }

  private static <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (PageTableException e) {
      if (e.reason() == Reason.TOOL && !"true".equals(System.getenv("CI"))) {
        abort("no referee: " + e.getMessage());
      }
      throw e;
    }
  }
}
