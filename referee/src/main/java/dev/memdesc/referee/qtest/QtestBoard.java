package dev.memdesc.referee.qtest;

import java.nio.file.Path;
import java.util.List;

/** A machine of QEMU with an IOMMU, whose processor halts at once. */
public interface QtestBoard {
  /** The program, such as {@code qemu-system-x86_64}. */
  String program();

  /** The pa of the RAM that is a file. */
  long firstPa();

  /** How much of it there is. */
  long ramBytes();

  /**
   * The options that make the machine, its RAM and its IOMMU.
   *
   * @param folder for files that it needs; emptied later
   * @param ram the file that is RAM, of {@link #ramBytes}
   */
  List<String> options(Path folder, Path ram);

  /** Its configuration space. */
  PciBus pci();
}
