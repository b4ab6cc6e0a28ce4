package dev.memdesc.referee.qtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A PC of type q35. Its RAM below 4 GiB is QEMU's own and not used; what is shared lies above, so
 * that file and pa differ by a constant and many bits of a pa are in use.
 *
 * @param iommu what follows {@code -device}, such as {@code intel-iommu,intremap=off}
 */
public record PcBoard(String iommu) implements QtestBoard {
  private static final long GIB = 1L << 30;
  private static final long LOW_BYTES = 2 * GIB;
  private static final long HIGH_PA = 4 * GIB;
  private static final long HIGH_BYTES = 256 * GIB;
  private static final int MIB_LG2 = 20;

  /** A hole of the PC that is nobody's before there is firmware. */
  private static final long WINDOW_PA = 0xE000_0000L;

  private static final int FIRMWARE_BYTES = 1 << 16;

  /** Where the processor begins. */
  private static final int RESET = 0xFFF0;

  /** {@code cli; hlt; jmp} back to the halt. */
  private static final byte[] HALT = {(byte) 0xFA, (byte) 0xF4, (byte) 0xEB, (byte) 0xFD};

  @Override
  public String program() {
    return "qemu-system-x86_64";
  }

  @Override
  public long firstPa() {
    return HIGH_PA;
  }

  @Override
  public long ramBytes() {
    return HIGH_BYTES;
  }

  @Override
  public PciBus pci() {
    return PciBus.ports(WINDOW_PA);
  }

  @Override
  public List<String> options(Path folder, Path ram) {
    Path firmware = folder.resolve("halt.bin");
    byte[] code = new byte[FIRMWARE_BYTES];
    System.arraycopy(HALT, 0, code, RESET, HALT.length);
    try {
      Files.write(firmware, code);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of(
        // Without the timer chips: each of their ticks would cost what a transfer costs.
        "-machine",
        "q35,smm=off,pit=off,hpet=off,sata=off,smbus=off,i8042=off,vmport=off",
        "-cpu",
        "qemu64",
        "-bios",
        firmware.toString(),
        "-vga",
        "none",
        "-device",
        iommu,
        "-m",
        ((LOW_BYTES + HIGH_BYTES) >>> MIB_LG2) + "M",
        "-object",
        "memory-backend-ram,id=low,size=" + (LOW_BYTES >>> MIB_LG2) + "M",
        "-object",
        "memory-backend-file,id=ram,share=on,size="
            + (HIGH_BYTES >>> MIB_LG2)
            + "M,mem-path="
            + ram,
        "-numa",
        "node,memdev=low",
        "-numa",
        "node,memdev=ram");
  }
}
