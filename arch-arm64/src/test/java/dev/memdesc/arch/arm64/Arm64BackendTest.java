package dev.memdesc.arch.arm64;

import static dev.memdesc.arch.arm64.Arm64WorkedExamplesTest.format;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Register values that a walker was seen to take, and what the backend says of itself. */
final class Arm64BackendTest {
  private final Arm64Backend backend = new Arm64Backend();

  @ParameterizedTest
  @CsvSource({
    "4k-48, 0x41000000, 0, 0x41000000, 0x0000000500803510",
    "4k-48, 0x41000000, 5, 0x0005000041000000, 0x0000000500803510",
    "4k-48, 0x41000000, 256, 0x0100000041000000, 0x0000001500803510",
    "16k-36, 0x41000000, 0, 0x41000000, 0x50080B51C",
    "16k-47, 0x41000000, 0, 0x41000000, 0x50080B511",
    "16k-48, 0x4103C040, 0, 0x4103C040, 0x50080B510",
    "64k-42, 0x41000000, 0, 0x41000000, 0x500807516",
    "64k-48, 0x41000000, 0, 0x41000000, 0x500807510",
    "64k-52, 0x41000000, 0, 0x41000000, 0x60080750C",
    "64k-52, 0x000F00ABCDEF0000, 0, 0x00ABCDEF003C, 0x60080750C",
    "4k-52, 0x41000000, 0, 0x41000000, 0x080000060080350C",
    "16k-52, 0x41000000, 0, 0x41000000, 0x080000060080B50C",
    "4k-48-dbm, 0x41000000, 0, 0x41000000, 0x0000018500803510",
  })
  void lowerHalf(String variant, String rootPa, int asid, String ttbr, String tcr) {
    List<RegisterValue> found = backend.activation(format(variant), Hex.parse(rootPa), asid);
    assertThat(found)
        .extracting(RegisterValue::name)
        .containsExactly("TTBR0_EL1", "TCR_EL1", "MAIR_EL1", "SCTLR_EL1");
    assertThat(Hex.of(found.get(0).value())).isEqualTo(Hex.of(Hex.parse(ttbr)));
    assertThat(Hex.of(found.get(1).value())).isEqualTo(Hex.of(Hex.parse(tcr)));
    assertThat(found.get(2).value() & 0xFF).as("index 0 is write-back").isEqualTo(0xFF);
  }

  @Test
  void upperHalf() {
    List<RegisterValue> found = backend.activation(format("4k-39-ttbr1"), 0x41000000, 0);
    assertThat(found.get(0)).isEqualTo(new RegisterValue("TTBR1_EL1", 0x41000000));
    assertThat(found.get(1)).isEqualTo(new RegisterValue("TCR_EL1", 0x5B5190099L));
  }

  @ParameterizedTest
  @CsvSource({
    "G4K, 40, 40, 0x80023558",
    "G16K, 40, 40, 0x8002B558",
    "G64K, 42, 42, 0x80037556",
    "G4K, 40, 48, 0x80053558",
    "G4K, 52, 52, 0x18006358C",
  })
  void stageTwo(Granule granule, int bits, int paBits, String vtcr) {
    assertThat(Hex.of(Registers.vtcr(Variant.stageTwo(granule, bits), paBits, 0)))
        .isEqualTo(Hex.of(Hex.parse(vtcr)));
  }

  @Test
  void stageTwoRegisters() {
    assertThat(backend.activation(format("s2-4k-40"), 0x41100000, 7))
        .containsExactly(
            new RegisterValue("VTTBR_EL2", 0x0007000041100000L),
            new RegisterValue("VTCR_EL2", 0x80053558L),
            new RegisterValue("HCR_EL2", 1));
  }

  @Test
  void rootsAndNumbersThatNoRegisterHolds() {
    TableFormat format = format("4k-48");
    assertThat(refused(format, 0x1800, 0)).isEqualTo(Reason.MISALIGNED);
    assertThat(refused(format, 1L << 48, 0)).isEqualTo(Reason.PA_TOO_WIDE);
    assertThat(refused(format, 0x1000, 65536)).isEqualTo(Reason.ATTRIBUTE);
    assertThat(refused(format, 0x1000, -1)).isEqualTo(Reason.ATTRIBUTE);
    assertThat(refused(Arm64Format.of(Variant.stageOne(Granule.G4K, 25)), 0, 0))
        .isEqualTo(Reason.UNKNOWN_NAME);
    assertThat(refused(format("s2-16k-40"), 0x4000, 0))
        .as("side by side")
        .isEqualTo(Reason.MISALIGNED);
  }

  private Reason refused(TableFormat format, long rootPa, int asid) {
    return catchThrowableOfType(
            PageTableException.class, () -> backend.activation(format, rootPa, asid))
        .reason();
  }

  @Test
  void whatItSaysOfItself() {
    assertThat(backend.name()).isEqualTo("arm64");
    assertThat(backend.hostArchNames()).containsExactly("aarch64");
    assertThat(backend.variants()).isSameAs(backend.variants()).doesNotHaveDuplicates();
    assertThat(backend.hostVariant(Set.of("fp", "asimd"))).isEqualTo(format("4k-48"));
  }
}
