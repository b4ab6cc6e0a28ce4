package dev.memdesc.referee.qtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.qtest.EduDevice.Transfer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines that are driven from outside; their IOMMUs are off, so an iova is a pa. */
final class QtestGuestTest {
  private static final QtestBoard PC = new PcBoard("intel-iommu,intremap=off,aw-bits=48");
  private static final long VTD = 0xFED9_0000L;
  private static final int GSTS = 0x1C;
  private static final int FECTL = 0x38;
  private static final int DEVICES = 8;

  static List<QtestBoard> boards() {
    return List.of(PC, new ArmBoard("virt,iommu=smmuv3", List.of()));
  }

  @BeforeEach
  void needed() {
    QemuNeeded.check();
  }

  private static QtestGuest start(QtestBoard board) {
    return new QtestGuest(board, Qemu.find(board.program()), DEVICES);
  }

  @ParameterizedTest
  @MethodSource("boards")
  void severalDevicesCopyAtOnceAllOverRam(QtestBoard board) {
    try (QtestGuest guest = start(board)) {
      long step = board.ramBytes() / DEVICES;
      List<Transfer> reads = new ArrayList<>();
      List<Transfer> writes = new ArrayList<>();
      for (int i = 0; i < DEVICES; i++) {
        long pa = board.firstPa() + (i + 1) * step - 8192;
        byte[] data = new byte[EduDevice.MOST_BYTES];
        Arrays.fill(data, (byte) (i + 1));
        guest.ram().store(pa, data);
        EduDevice device = guest.devices().get(i);
        reads.add(Transfer.read(device, pa, data.length, 0));
        writes.add(Transfer.write(device, pa + 4096, 3, 7));
      }
      EduDevice.run(reads);
      EduDevice.run(writes);
      for (int i = 0; i < DEVICES; i++) {
        byte one = (byte) (i + 1);
        long pa = board.firstPa() + one * step - 4096;
        assertThat(guest.ram().load(pa, 4)).containsExactly(one, one, one, 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("boards")
  void messagesAreDoneWhenTheBatchIs(QtestBoard board) {
    try (QtestGuest guest = start(board)) {
      QtestBatch batch = guest.socket().newBatch();
      long pa = board.firstPa() + board.ramBytes() / 2;
      for (int i = 0; i < 2000; i++) {
        guest.devices().get(i % DEVICES).message(batch, pa + 4L * i, i);
      }
      batch.run();
      for (int i = 0; i < 2000; i++) {
        assertThat(guest.ram().loadInt(pa + 4L * i)).isEqualTo(i);
      }
    }
  }

  @Test
  void registersOfTheUnit() {
    try (QtestGuest guest = start(PC)) {
      QtestRegisters registers = guest.registers(VTD);
      assertThat(registers.read32(0)).isEqualTo(0x10);
      assertThat(registers.read64(8)).isEqualTo(0xD2_008C_222F_0606L);
      registers.write64(0x90, 0x1_0000_0000L);
      registers.write32(0x18, 1L << 26);
      assertThat(registers.read32(GSTS)).isEqualTo(1L << 26);
      assertThat(registers.read64(0x90)).isEqualTo(0x1_0000_0000L);
    }
  }

  /** A model's assertion is a result: what QEMU said is in the message, and later calls say so. */
  @Test
  void theEndOfQemuIsReportedWithWhatItSaid() {
    try (QtestGuest guest = start(PC)) {
      QtestRegisters registers = guest.registers(VTD);
      assertThatThrownBy(() -> registers.write64(FECTL, 0))
          .isInstanceOfSatisfying(
              PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOOL))
          .hasMessageContaining("QEMU runs until it is told to stop: during=writeq 0xfed90038 0x0")
          .hasMessageContaining("Assertion");
      assertThatThrownBy(() -> registers.read32(0)).hasMessageContaining("not used again");
    }
  }

  @Test
  void aCommandThatQemuDoesNotKnowIsNamed() {
    try (QtestGuest guest = start(PC)) {
      byte[] text = "steal 0x0\n".getBytes(StandardCharsets.US_ASCII);
      assertThatThrownBy(() -> guest.socket().run(text, text.length, 1))
          .hasMessageContaining("QEMU understands what it is told: first command=steal 0x0")
          .hasMessageContaining("FAIL");
    }
  }

  @Test
  void closingEndsEverything() {
    List<ProcessHandle> processes;
    try (QtestGuest guest = start(PC)) {
      processes = guest.processes();
      assertThat(processes).hasSizeGreaterThanOrEqualTo(2).allMatch(ProcessHandle::isAlive);
    }
    assertThat(processes)
        .allSatisfy(one -> assertThat(one.onExit()).succeedsWithin(Duration.ofMinutes(2)));
  }

  @Test
  void aBoardThatDoesNotStartSaysWhy() {
    QtestBoard wrong = new PcBoard("intel-iommu,aw-bits=17");
    assertThatThrownBy(() -> start(wrong))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("aw-bits");
  }

  @Test
  void transfersStayInTheBuffer() {
    try (QtestGuest guest = start(PC)) {
      EduDevice device = guest.devices().getFirst();
      assertThatThrownBy(() -> Transfer.write(device, 0, 4096, 0))
          .hasMessage("a transfer ends before the buffer's last byte: at=0, count=4096");
      assertThatThrownBy(() -> Transfer.read(device, 0, 4000, 96)).hasMessageContaining("at=96");
      assertThatThrownBy(() -> device.message(guest.socket().newBatch(), 2, 0))
          .isInstanceOf(PageTableException.class);
    }
  }
}
