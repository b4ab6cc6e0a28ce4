package dev.memdesc.referee;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * The data that probes find: chunks of 4 KiB at random places of RAM whose words say where they
 * are.
 *
 * <pre>
 *   0      0x400     0x800  0x840      0x1000
 *   +--------+---------+------+----------+
 *   | loads  | stores  | code |  loads   |      word = pa | TAG
 *   +--------+---------+------+----------+
 * </pre>
 */
final class DataFrames {
  static final int CHUNK = 4096;

  private static final int STORES = 0x400;
  private static final int CODE = 0x800;
  private static final int CODE_END = 0x840;

  /** A pa has at most 38 bits here. */
  private static final long TAG = 0x5EDC_0000_0000_0000L;

  private static final long TAG_MASK = 0xFFFF_C000_0000_0000L;

  /** A tag of code is the pa of its line of 64 bytes; 32 bits of it reach 256 GiB. */
  private static final int CODE_LG2 = 6;

  private static final int CLUSTERS = 24;
  private static final int CLUSTER_LEAVES = 6;

  private final GuestRam ram;
  private final TreeSet<Long> chunks = new TreeSet<>();
  private final List<AddressRange> ranges = new ArrayList<>();

  /**
   * Chooses and fills the chunks: for each size of leaf clusters in leaves that follow each other.
   */
  DataFrames(GuestRam ram, GuestMachine machine, TableFormat format, SplittableRandom random) {
    this.ram = ram;
    for (int sizeLg2 = 0; sizeLg2 < Long.SIZE; sizeLg2++) {
      if (format.leafSizes().contains(sizeLg2)
          && (long) CLUSTER_LEAVES << sizeLg2 <= GuestRam.BYTES) {
        for (int i = 0; i < CLUSTERS; i++) {
          addCluster(sizeLg2, machine.reservedPa(), random);
        }
      }
    }
    chunks.forEach(pa -> fill(pa, machine));
    chunks.forEach(pa -> ranges.add(AddressRange.of(pa, CHUNK)));
  }

  private void addCluster(int sizeLg2, List<AddressRange> reserved, SplittableRandom random) {
    long first = random.nextLong((GuestRam.BYTES >>> sizeLg2) - CLUSTER_LEAVES + 1);
    for (int i = 0; i < CLUSTER_LEAVES; i++) {
      long pa = ((first + i) << sizeLg2) + random.nextLong((1L << sizeLg2) / CHUNK) * CHUNK;
      AddressRange range = AddressRange.of(pa, CHUNK);
      if (reserved.stream().noneMatch(range::overlaps)) {
        chunks.add(pa);
      }
    }
  }

  private void fill(long chunk, GuestMachine machine) {
    for (int at = 0; at < CHUNK; at += Long.BYTES) {
      ram.store(chunk + at, chunk + at | TAG);
    }
    ram.store(chunk + CODE, machine.code((int) ((chunk + CODE) >>> CODE_LG2)));
  }

  /** Where the chunks are: tables must not be there. */
  List<AddressRange> ranges() {
    return ranges;
  }

  /** A chunk, at random. */
  long any(SplittableRandom random) {
    return ranges.get(random.nextInt(ranges.size())).start();
  }

  /** The chunks of a range of pa, in its order. */
  List<Long> in(long pa, long length) {
    return List.copyOf(chunks.subSet(pa, true, pa + length - CHUNK, true));
  }

  /** A place in a chunk that suits what a probe does. */
  static int place(Probe.Kind kind, SplittableRandom random) {
    return switch (kind) {
      case STORE -> STORES + random.nextInt((CODE - STORES) / Long.BYTES) * Long.BYTES;
      case FETCH -> CODE;
      case LOAD ->
          random.nextBoolean()
              ? random.nextInt(STORES / Long.BYTES) * Long.BYTES
              : CODE_END + random.nextInt((CHUNK - CODE_END) / Long.BYTES) * Long.BYTES;
      case LOCATE_LOAD, LOCATE_STORE -> random.nextInt(CHUNK / Long.BYTES) * Long.BYTES;
    };
  }

  /** The pa that a loaded word tells, or {@link Outcome#BEYOND_RAM} if it is none of these. */
  static long paOfWord(long word) {
    return (word & TAG_MASK) == TAG ? word & ~TAG_MASK : Outcome.BEYOND_RAM;
  }

  /** The pa that a tag of code tells. */
  static long paOfTag(long tag) {
    return (tag & 0xFFFF_FFFFL) << CODE_LG2;
  }

  /** Puts the word back that a store changed. */
  void restore(long pa) {
    ram.store(pa, pa | TAG);
  }
}
