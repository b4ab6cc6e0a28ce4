package dev.memdesc.examples.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.memory.ScriptedAllocator;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole tables at fixed addresses: the first at 0x81000000, the others behind it. */
final class RiscvWorkedExamplesTest {
  private static final long ROOT = 0x8100_0000L;
  private static final Attributes READ_WRITE =
      Attributes.of(Access.READ, Access.WRITE, Access.USER, Access.ACCESSED, Access.DIRTY);

  @TempDir static Path plugins;

  @BeforeAll
  static void packPlugin() {
    Plugin.pack(plugins);
  }

  private static Memdesc machine(String format) {
    return Memdesc.builder()
        .plugins(plugins)
        .arch(format)
        .firstPa(0x8000_0000L)
        .memoryBytes(64L << 20)
        .allocator(
            (memory, descriptors, nodes) ->
                new ScriptedAllocator(
                    memory.frameLg2(),
                    ROOT,
                    ROOT + 0x1000,
                    ROOT + 0x2000,
                    ROOT + 0x3000,
                    ROOT + 0x4000))
        .build();
  }

  private static String word(Memdesc machine, long pa) {
    return Hex.of(machine.memory().loadAcquire(pa));
  }

  @ParameterizedTest
  @CsvSource({
    "riscv/sv39, 0x3612345000, 216 145 325",
    "riscv/sv48, 0x7A3612345000, 244 216 145 325",
    "riscv/sv57, 0x00AB7A3612345000, 171 244 216 145 325"
  })
  void aPageIsWhereTheManualsIndicesLead(String format, String va, String path) {
    try (Memdesc machine = machine(format);
        AddressSpace space = machine.newAddressSpace("example");
        Gather gather = space.gather()) {
      space.map(Long.decode(va), 0xABCD_E000L, 0x1000, READ_WRITE, gather);
      String[] indices = path.split(" ", -1);
      for (int k = 0; k < indices.length; k++) {
        long at = ROOT + 0x1000L * k + 8L * Integer.parseInt(indices[k]);
        long table = 0x2040_0001L + 0x400L * (k + 1);
        assertThat(word(machine, at))
            .isEqualTo(Hex.of(k == indices.length - 1 ? 0x2AF3_78D7L : table));
      }
    }
  }

  @Test
  void sixteenItemsAlikeAreALeafOf64Kib() {
    try (Memdesc machine = machine("riscv/sv39-svnapot");
        AddressSpace space = machine.newAddressSpace("example");
        Gather gather = space.gather()) {
      space.map(0x36_1234_0000L, 0xABD0_0000L, 0x1_0000, READ_WRITE, PageSizes.ANY, gather);
      for (int k = 0; k < 16; k++) {
        assertThat(word(machine, ROOT + 0x2000 + 8L * (320 + k)))
            .isEqualTo(Hex.of(0x8000_0000_2AF4_20D7L));
      }
      assertThat(word(machine, ROOT + 8 * 216)).isEqualTo(Hex.of(0x2040_0401L));
      assertThat(word(machine, ROOT + 0x1000 + 8 * 145)).isEqualTo(Hex.of(0x2040_0801L));
    }
  }
}
