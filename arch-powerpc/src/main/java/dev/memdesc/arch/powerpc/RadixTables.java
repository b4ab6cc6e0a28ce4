package dev.memdesc.arch.powerpc;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.nio.ByteOrder;

/**
 * The tables in memory that lead POWER's hardware to a root: Power ISA 3.0B, book III, 5.7.6
 * "Partition table" and 5.7.7 "Process table". A register (PTCR) leads to the partition table, its
 * entry for an LPID to that partition's process table, whose entry for a PID leads to a root.
 *
 * <pre>
 *             63 62 61 60 59                      12 11    8 7   5 4      0
 *            +--+-----+--+--------------------------+-------+-----+--------+
 *  root      |HR| RTS |0 |       pa of the root             | RTS |  RPDS  |   first doubleword
 *            +--+-----+--+----------------------------------+-----+--------+
 *  PATE dw1  |0    0     |  pa of the process table |    0        |  PRTS  |   of a partition
 *            +-----------+--------------------------+-------------+--------+
 * </pre>
 *
 * <p>RTS is log2 of the bytes that the root translates, less 31; its upper two bits are 62:61, its
 * lower three 7:5. RPDS is log2 of the root's items. A process table and a partition table take
 * 2^(12 + size) bytes, and are aligned to that. Every entry has 16 bytes, big-endian.
 */
public final class RadixTables {
  /** Host radix: this partition's addresses are translated by a radix tree. */
  private static final long HR = 1L << 63;

  /** RTS of 52 bits: 21. */
  private static final long RTS_52 = 1L << 62 | 5L << 5;

  private static final int ROOT_INDEX_BITS = 13;
  private static final int ROOT_LG2 = 16;
  private static final int ENTRY_BYTES = 16;
  private static final int LEAST_TABLE_LG2 = 12;
  private static final int MOST_TABLE_LG2 = 36;

  private RadixTables() {}

  /**
   * The first doubleword of a process-table entry; the second is 0.
   *
   * @param rootPa of a radix tree, a multiple of 64 KiB below 2^57
   * @throws PageTableException with {@link Reason#MISALIGNED} or {@link Reason#PA_TOO_WIDE}
   */
  public static long processEntry(long rootPa) {
    checkRoot(rootPa);
    return RTS_52 | rootPa | ROOT_INDEX_BITS;
  }

  /** The first doubleword of a partition-table entry; see {@link #processEntry}. */
  public static long partitionEntry(long rootPa) {
    return HR | processEntry(rootPa);
  }

  /**
   * What PTCR holds, and the second doubleword of a partition-table entry: where a table is and how
   * large.
   *
   * @param tablePa of its first byte, a multiple of its size
   * @param tableLg2 log2 of its bytes, 12 to 36
   * @throws PageTableException with {@link Reason#MISALIGNED}
   */
  public static long tableBase(long tablePa, int tableLg2) {
    if (tableLg2 < LEAST_TABLE_LG2
        || tableLg2 > MOST_TABLE_LG2
        || (tablePa & (1L << tableLg2) - 1) != 0
        || tablePa >>> (PowerPcFormat.NLB_HIGH + 1) != 0) {
      throw PageTableException.because(
              Reason.MISALIGNED,
              "a partition or process table has 2^12 to 2^36 bytes and is aligned to its size")
          .hex("tablePa", tablePa)
          .with("tableLg2", tableLg2)
          .build();
    }
    return tablePa | (tableLg2 - LEAST_TABLE_LG2);
  }

  /**
   * Writes the entry of a process.
   *
   * @param processTablePa of the process table
   * @param pid the process's number, as in PIDR
   */
  public static void writeProcess(
      HardwareMemory memory, long processTablePa, int pid, long rootPa) {
    long at = processTablePa + Integer.toUnsignedLong(pid) * ENTRY_BYTES;
    // The doubleword that makes it valid comes last.
    store(memory, at + Long.BYTES, 0);
    store(memory, at, processEntry(rootPa));
  }

  /**
   * Writes the entry of a partition.
   *
   * @param lpid its number, as in LPIDR; 0 is the hypervisor's
   * @param hostRootPa of the tree that translates its real addresses; that of LPID 0 has to
   *     translate the process table's
   * @param processTable what {@link #tableBase} gives for its process table
   */
  public static void writePartition(
      HardwareMemory memory, long partitionTablePa, int lpid, long hostRootPa, long processTable) {
    long at = partitionTablePa + Integer.toUnsignedLong(lpid) * ENTRY_BYTES;
    store(memory, at + Long.BYTES, processTable);
    store(memory, at, partitionEntry(hostRootPa));
  }

  private static void store(HardwareMemory memory, long pa, long word) {
    boolean swapped = ByteOrder.nativeOrder() != ByteOrder.BIG_ENDIAN;
    memory.storeRelease(pa, swapped ? Long.reverseBytes(word) : word);
  }

  private static void checkRoot(long rootPa) {
    if ((rootPa & (1L << ROOT_LG2) - 1) != 0) {
      throw PageTableException.because(Reason.MISALIGNED, "a radix root is aligned to 64 KiB")
          .hex("rootPa", rootPa)
          .build();
    }
    if (rootPa >>> PowerPcFormat.PA_BITS != 0) {
      throw PageTableException.because(
              Reason.PA_TOO_WIDE, "a radix root lies below 2^" + PowerPcFormat.PA_BITS)
          .hex("rootPa", rootPa)
          .hint("the highest is " + Hex.of((1L << PowerPcFormat.PA_BITS) - (1L << ROOT_LG2)))
          .build();
    }
  }
}
