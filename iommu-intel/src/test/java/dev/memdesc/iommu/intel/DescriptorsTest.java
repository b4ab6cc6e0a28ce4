package dev.memdesc.iommu.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.IommuFault;
import org.junit.jupiter.api.Test;

/** Commands and fault records, word by word. */
final class DescriptorsTest {
  private static final long DRAIN = Descriptors.DR | Descriptors.DW;

  @Test
  void commandsAsQemusUnitTakesThem() {
    assertThat(Descriptors.allContexts()).isEqualTo(0x11);
    assertThat(Descriptors.everyIotlb(DRAIN)).isEqualTo(0xD2);
    assertThat(Descriptors.iotlb(5, 0)).isEqualTo(0x50022);
    assertThat(Descriptors.iotlbPages(5, 0)).isEqualTo(0x50032);
    assertThat(Descriptors.pages(0x12345000, 0, false)).isEqualTo(0x12345000);
    assertThat(Descriptors.pages(0x12340000, 4, true)).isEqualTo(0x12340044);
    assertThat(Descriptors.deviceTlb(0x20)).isEqualTo(0x20_0000_0003L);
    assertThat(Descriptors.await(0xCAFE_0001, false)).isEqualTo(0xCAFE_0001_0000_0025L);
  }

  @Test
  void commandsByTheManual() {
    assertThat(Descriptors.context(0x20, 5)).isEqualTo(0x20_0005_0031L);
    assertThat(Descriptors.await(7, true)).isEqualTo(0x7_0000_0065L);
    assertThat(Descriptors.pasidEntry(5, 0x12345)).isEqualTo(0x12345_0005_0017L);
    assertThat(Descriptors.everyPasidEntry()).isEqualTo(0x37);
    assertThat(Descriptors.pasidIotlb(5, 1)).isEqualTo(0x1_0005_0026L);
    assertThat(Descriptors.pasidIotlbPages(5, 1)).isEqualTo(0x1_0005_0036L);
    // One page; two; 2 MiB, which is 2^9 pages: all bits from 12 up to 19 are set, 20 is clear.
    assertThat(Descriptors.devicePages(0x40_0000, 0)).isEqualTo(0x40_0000);
    assertThat(Descriptors.devicePages(0x40_0000, 1)).isEqualTo(0x40_0001);
    assertThat(Descriptors.devicePages(0x40_0000, 9)).isEqualTo(0x4F_F001);
  }

  @Test
  void faultRecords() {
    IommuFault read = Faults.decode(0x0000_3456_1234_8000L, 0xC0FF_FF06_0000_0020L);
    assertThat(read)
        .isEqualTo(
            new IommuFault(
                0x20,
                -1,
                0x3456_1234_8000L,
                false,
                IommuFault.Kind.NOT_MAPPED_OR_PERMISSION,
                6,
                "no read permission"));
    IommuFault write = Faults.decode(0x1000, 0x8000_0505_8000_0020L | 0x20L << 8);
    assertThat(write.write()).isTrue();
    assertThat(write.pasid()).isEqualTo(5);
    assertThat(write.device()).isEqualTo(0x2020);
    // Scalable mode says PASID 0 of a request that had none: RID_PASID.
    assertThat(Faults.decode(0x1000, 0x8000_0005_8000_0020L).pasid()).isEqualTo(-1);
    assertThat(Faults.decode(0, 0xC000_00EE_0000_0000L))
        .hasToString("OTHER at 0x0000000000000000: device=0x0, pasid=-, read, reason 0xee (0xee)");
  }
}
