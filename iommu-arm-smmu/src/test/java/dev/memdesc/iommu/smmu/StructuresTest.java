package dev.memdesc.iommu.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.IommuFault;
import dev.memdesc.api.IommuFault.Kind;
import dev.memdesc.iommu.smmu.Command.Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Structures, commands and events that an SMMUv3 was seen to take or give, word by word. */
final class StructuresTest {
  private static final int OAS = 44;
  private static final int SID = 0x20;
  private static final int ASID = 5;

  @Test
  void streamTableEntries() {
    StreamTableEntry one = StreamTableEntry.stageOne(new ContextTable.Pointer(0x4011_0000L, 0, 0));
    assertThat(one).isEqualTo(new StreamTableEntry(0x4011_000BL, 0xD6, 0, 0));

    StreamTableEntry two =
        StreamTableEntry.stageTwo(SmmuFormatsTest.format("s2-4k-40"), OAS, 7, 0x4100_0000L);
    assertThat(two)
        .isEqualTo(
            new StreamTableEntry(
                0xD, 0x0000_1000_0000_0000L, 0x044C_3558_0000_0007L, 0x4100_0000L));

    StreamTableEntry nested =
        StreamTableEntry.nested(new ContextTable.Pointer(0x4011_0000L, 0, 0), two);
    assertThat(nested)
        .isEqualTo(
            new StreamTableEntry(
                0x4011_000FL, 0x0000_1000_0000_00D6L, 0x044C_3558_0000_0007L, 0x4100_0000L));
  }

  @Test
  void substreams() {
    StreamTableEntry entry =
        StreamTableEntry.stageOne(new ContextTable.Pointer(0x4011_0000L, 20, 2));
    assertThat(entry.dw0()).isEqualTo(0xA000_0000_4011_002BL);
  }

  @Test
  void itemsOfFirstLevels() {
    assertThat(StreamTable.l1Std(0x4010_8000L, 8)).isEqualTo(0x4010_8009L);
    assertThat(ContextTable.l1Cd(0x4010_8000L)).isEqualTo(0x4010_8001L);
  }

  @ParameterizedTest
  @CsvSource({
    "s1-4k-48, 0x0005E204C0003510",
    "s1-64k-48, 0x0005E204C0003550",
    // T0SZ 25 and 17, TG0 0 and 2.
    "s1-4k-39, 0x0005E204C0003519",
    "s1-16k-47, 0x0005E204C0003591",
  })
  void contextDescriptors(String variant, String dw0) {
    ContextDescriptor descriptor =
        ContextDescriptor.of(SmmuFormatsTest.format(variant), OAS, ASID, 0x4020_0000L);
    assertThat(descriptor).isEqualTo(new ContextDescriptor(Long.decode(dw0), 0x4020_0000L));
    assertThat(ContextDescriptor.MAIR).isEqualTo(0x0000_0000_F404_FF44L);
  }

  @Test
  void commands() {
    assertCommand(Command.cfgiAll(), 0x4, 0x1F);
    assertCommand(Command.cfgiSte(SID, true), 0x0000_0020_0000_0003L, 1);
    assertCommand(Command.cfgiSte(SID, false), 0x0000_0020_0000_0003L, 0);
    assertCommand(Command.cfgiCd(SID, 0, true), 0x0000_0020_0000_0005L, 1);
    assertCommand(Command.cfgiCd(SID, 3, true), 0x0000_0020_0000_3005L, 1);
    assertCommand(Command.tlbiNsnhAll(), 0x30, 0);
    assertCommand(Command.tlbiNhAll(7), 0x0000_0007_0000_0010L, 0);
    assertCommand(Command.tlbiNhAsid(0, ASID), 0x0005_0000_0000_0011L, 0);
    assertCommand(
        Command.tlbiNhVa(0, ASID, Range.one(0x1234_5000L), true),
        0x0005_0000_0000_0012L,
        0x1234_5001L);
    assertCommand(
        Command.tlbiNhVa(0, ASID, new Range(0x1234_0000L, 12, 3, 2, true, 3), true),
        0x0005_0000_0020_3012L,
        0x1234_0701L);
    assertCommand(
        Command.tlbiS2Ipa(7, Range.one(0x1234_5000L), false), 0x0000_0007_0000_002AL, 0x1234_5000L);
    assertCommand(Command.tlbiS12Vmall(7), 0x0000_0007_0000_0028L, 0);
    assertCommand(Command.sync(), 0x0FC0_2046L, 0);
  }

  private static void assertCommand(Command command, long word0, long word1) {
    assertThat(command).isEqualTo(new Command(word0, word1));
  }

  @Test
  void events() {
    long iova = 0x0000_3456_1234_5678L;
    assertThat(new EventRecord(0x0000_0020_0000_0013L, 0, iova, 0).fault())
        .isEqualTo(new IommuFault(SID, -1, iova, true, Kind.PERMISSION, 0x13, "F_PERMISSION"));
    assertThat(new EventRecord(0x0000_0020_0000_0010L, 0x0000_0008_0000_0000L, iova, 0).fault())
        .isEqualTo(new IommuFault(SID, -1, iova, false, Kind.NOT_MAPPED, 0x10, "F_TRANSLATION"));
    assertThat(new EventRecord(0x0000_0020_0000_0004L, 0, 0, 0).fault())
        .isEqualTo(new IommuFault(SID, -1, 0, false, Kind.BAD_STRUCTURE, 0x04, "C_BAD_STE"));
    EventRecord second =
        new EventRecord(0x0000_0020_0012_3812L, 0x0000_0080_0000_0000L, iova, 0x7000);
    assertThat(second.stageTwo()).isTrue();
    assertThat(second.fault())
        .isEqualTo(new IommuFault(SID, 0x123, iova, true, Kind.ACCESS_FLAG, 0x12, "F_ACCESS"));
  }

  @ParameterizedTest
  @CsvSource({
    "0x01, OTHER",
    "0x02, NO_DOMAIN",
    "0x03, UNREADABLE",
    "0x08, NO_DOMAIN",
    "0x09, UNREADABLE",
    "0x0A, BAD_STRUCTURE",
    "0x0B, UNREADABLE",
    "0x11, ADDRESS_SIZE",
    "0x21, OTHER",
    "0xFF, OTHER",
  })
  void kinds(String type, Kind kind) {
    IommuFault fault = new EventRecord(Long.decode(type), 0, 0, 0).fault();
    assertThat(fault.kind()).isEqualTo(kind);
    assertThat(fault.manualName()).isNotEmpty();
  }
}
