package dev.memdesc.iommu.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.format.TableFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a unit offers is what its capability registers say. */
final class CapabilitiesTest {
  /** QEMU's unit of 48 bits. */
  private static final long CAP = 0x00D2_008C_222F_0606L;

  private static final long ECAP = 0xF00F4AL;
  private static final long ECAP_SCALABLE = 0x4800_8000_0F42L;

  @Test
  void qemusUnit() {
    Capabilities legacy = new Capabilities(CAP, ECAP);
    assertThatCode(legacy::require).doesNotThrowAnyException();
    assertThat(legacy.scalable()).isFalse();
    assertThat(legacy.domains()).isEqualTo(1 << 16);
    assertThat(legacy.guestAddressBits()).isEqualTo(48);
    assertThat(legacy.faultRecords()).isEqualTo(0x220);
    assertThat(legacy.faultRecordCount()).isEqualTo(1);
    assertThat(legacy.mostPagesLg2()).isEqualTo(18);
    assertThat(legacy.drainsReads() && legacy.drainsWrites()).isTrue();
    assertThat(legacy.pasids()).isEqualTo(1);
    assertThat(names(legacy)).containsExactly("intel/ss-48", "intel/ss-39");
    assertThat(names(new Capabilities(CAP, ECAP_SCALABLE)))
        .containsExactly("intel/ss-48", "intel/ss-39");
  }

  @Test
  void widthsAndStages() {
    long five = 1L << 60;
    long both = 3L << 46;
    long first = 1L << 47;
    assertThat(names(new Capabilities(CAP | five | 8L << 8, ECAP_SCALABLE | both)))
        .containsExactly("intel/ss-48", "intel/ss-39", "intel/ss-57", "intel/fs-48", "intel/fs-57");
    assertThat(names(new Capabilities(CAP, (ECAP_SCALABLE & ~both) | first)))
        .containsExactly("intel/fs-48");
    // Without scalable mode there is no first stage, whatever else is said.
    assertThat(names(new Capabilities(CAP, ECAP | both)))
        .containsExactly("intel/ss-48", "intel/ss-39");
  }

  @Test
  void pageSizes() {
    assertThat(sizes(CAP, 0)).isEqualTo("4K/2M/1G");
    assertThat(sizes(CAP & ~(1L << 35), 0)).isEqualTo("4K/2M");
    assertThat(sizes(CAP & ~(3L << 34), 0)).isEqualTo("4K");
    long first = (ECAP_SCALABLE & ~(1L << 46)) | 1L << 47;
    assertThat(new Capabilities(CAP, first).firstStageLeafLevels()).isEqualTo(2);
    assertThat(Formats.offered(new Capabilities(CAP | 1L << 56, first)).getFirst())
        .isEqualTo(WorkedExamplesTest.format("intel/fs-48"));
    assertThat(Formats.offered(new Capabilities(CAP, ECAP_SCALABLE)).getFirst())
        .isEqualTo(WorkedExamplesTest.format("intel/ss-48"));
  }

  private static String sizes(long cap, long more) {
    return Formats.offered(new Capabilities(cap, ECAP | more)).getFirst().leafSizes().toString();
  }

  @Test
  void whatThereIsNoWayAroundIsRefused() {
    assertThatThrownBy(() -> new Capabilities(CAP, ECAP & ~2L).require())
        .hasMessage(
            "a unit takes commands from a queue (ECAP.QI): CAP=0x00d2008c222f0606,"
                + " ECAP=0x0000000000f00f48");
    assertThatThrownBy(() -> new Capabilities(CAP | 1L << 7, ECAP).require())
        .hasMessageContaining("CAP.CM");
    assertThatThrownBy(() -> new Capabilities(CAP | 1L << 4, ECAP).require())
        .hasMessageContaining("CAP.RWBF");
    assertThatThrownBy(() -> new Capabilities(CAP & ~(0x1FL << 8), ECAP).require())
        .hasMessageContaining("one of memdesc's formats");
  }

  private static List<String> names(Capabilities unit) {
    return Formats.offered(unit).stream().map(TableFormat::name).toList();
  }
}
