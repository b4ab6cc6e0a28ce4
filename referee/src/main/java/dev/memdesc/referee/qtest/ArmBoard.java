package dev.memdesc.referee.qtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Arm's machine of type virt. QEMU puts its device tree into the first MiB of RAM.
 *
 * @param machine its type with properties, such as {@code virt,iommu=smmuv3}
 * @param options more options
 */
public record ArmBoard(String machine, List<String> options) implements QtestBoard {
  private static final long GIB = 1L << 30;
  private static final long RAM_PA = GIB;
  private static final long RAM_BYTES = 128 * GIB;
  private static final int MIB_LG2 = 20;
  private static final long ECAM_PA = 0x40_1000_0000L;
  private static final long WINDOW_PA = 0x1000_0000L;

  /** {@code wfi; b .-4}, little-endian. */
  private static final byte[] HALT = {
    0x7F, 0x20, 0x03, (byte) 0xD5, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x17
  };

  /** Copies the options. */
  public ArmBoard {
    options = List.copyOf(options);
  }

  @Override
  public String program() {
    return "qemu-system-aarch64";
  }

  @Override
  public long firstPa() {
    return RAM_PA;
  }

  @Override
  public long ramBytes() {
    return RAM_BYTES;
  }

  @Override
  public PciBus pci() {
    return PciBus.ecam(ECAM_PA, WINDOW_PA);
  }

  @Override
  public List<String> options(Path folder, Path ram) {
    Path firmware = folder.resolve("halt.bin");
    try {
      Files.write(firmware, HALT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> all =
        new ArrayList<>(
            List.of(
                "-machine",
                machine + ",memory-backend=ram",
                "-cpu",
                "cortex-a57",
                "-bios",
                firmware.toString(),
                "-m",
                (RAM_BYTES >>> MIB_LG2) + "M",
                "-object",
                "memory-backend-file,id=ram,share=on,size="
                    + (RAM_BYTES >>> MIB_LG2)
                    + "M,mem-path="
                    + ram));
    all.addAll(options);
    return all;
  }
}
