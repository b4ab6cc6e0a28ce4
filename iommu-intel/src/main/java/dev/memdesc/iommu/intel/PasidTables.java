package dev.memdesc.iommu.intel;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.spi.UnitParts;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One device's PASID directory and tables: VT-d 9.5 "Scalable-Mode PASID Directory Entry", 9.6
 * "Scalable-Mode PASID Table Entry". PASID bits 19:6 are the index into the directory, 5:0 into a
 * table of 64 entries.
 *
 * <pre>
 *          63                  12 11 10  9    8  6   5   4  2  1   0
 *         +----------------------+------+-----+-----+----+-----+---+---+
 *  word 0 |       SSPTPTR        |  0   |SSADE|PGTT |SSEE| AW  |FPD| P |
 *  word 1 |   0   | DID 15:0
 *  word 2 |       FSPTPTR        | EAFE 7 SMEP 6 NXE 5 WPE 4 FSPM 3:2 ERE 1 SRE 0 |
 *         +---------------------------------------------------------------------+
 * </pre>
 *
 * <p>Words 3 to 7 are 0. A directory entry is the pa of a table, and P.
 */
final class PasidTables {
  /** log2 of the entries of a table. */
  private static final int TABLE_LG2 = 6;

  private static final int ENTRY_BYTES = 64;

  /** log2 of the entries of the smallest directory. */
  private static final int DIRECTORY_LG2 = 7;

  private static final long P = 1;
  private static final int AW_SHIFT = 2;
  private static final int PGTT_SHIFT = 6;
  private static final long FIRST_STAGE = 1L << PGTT_SHIFT;
  private static final long SECOND_STAGE = 2L << PGTT_SHIFT;
  private static final long NESTED = 3L << PGTT_SHIFT;
  private static final long SSADE = 1L << 9;
  private static final long NXE = 1L << 5;
  private static final int FSPM_SHIFT = 2;
  private static final int FSPM_BASE_BITS = 48;

  private final UnitParts parts;
  private final boolean setsStates;
  private StructureDescriptor directory;
  private int directoryLg2 = DIRECTORY_LG2;
  private final Map<Integer, StructureDescriptor> tables = new TreeMap<>();
  private final TreeSet<Integer> used = new TreeSet<>();
  private final List<StructureDescriptor> replaced = new ArrayList<>();

  /**
   * An empty directory.
   *
   * @param setsStates whether the unit sets A and D in the second stage
   * @throws PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}
   */
  PasidTables(UnitParts parts, boolean setsStates) {
    this.parts = parts;
    this.setsStates = setsStates;
    this.directory = newDirectory(DIRECTORY_LG2);
  }

  private StructureDescriptor newDirectory(int lg2) {
    return allocate("PASID directory", Long.BYTES << lg2);
  }

  private StructureDescriptor allocate(String name, int bytes) {
    return parts
        .structures()
        .allocate(name, bytes, SecondStage.FRAME_LG2, parts.node(), StructureDescriptor::new);
  }

  /** The directory's pa. */
  long directoryPa() {
    return directory.pa();
  }

  /** What a context entry has in PDTS: log2 of the directory's entries, less 7. */
  int sizeCode() {
    return directoryLg2 - DIRECTORY_LG2;
  }

  /** Whether no PASID has an entry. */
  boolean isEmpty() {
    return used.isEmpty();
  }

  /** Whether a PASID but that of requests without one has an entry. */
  boolean hasPasids() {
    return !used.isEmpty() && used.last() != 0;
  }

  /**
   * Makes room for an entry: a larger directory, of which the unit learns with the next context
   * entry, and a table. Throws as the constructor; nothing changed then.
   */
  void prepare(int pasid) {
    int index = pasid >>> TABLE_LG2;
    int neededLg2 = Math.max(directoryLg2, Integer.SIZE - Integer.numberOfLeadingZeros(index));
    StructureDescriptor larger = neededLg2 > directoryLg2 ? newDirectory(neededLg2) : null;
    try {
      if (!tables.containsKey(index)) {
        tables.put(index, allocate("PASID table", ENTRY_BYTES << TABLE_LG2));
      }
    } catch (RuntimeException | Error e) {
      if (larger != null) {
        parts.structures().free(larger);
      }
      throw e;
    }
    if (larger != null) {
      for (int i = 0; i < 1 << directoryLg2; i++) {
        long offset = (long) i * Long.BYTES;
        long word = Memory.load(parts.memory(), directory.pa() + offset);
        Memory.store(parts.memory(), larger.pa() + offset, word);
      }
      replaced.add(directory);
      directory = larger;
      directoryLg2 = neededLg2;
    }
  }

  /** Writes an entry, the word with P last, then leads the directory to it. */
  void enter(int pasid, IntelDomain domain) {
    int index = pasid >>> TABLE_LG2;
    StructureDescriptor table = tables.get(index);
    if (table == null) {
      throw new IllegalStateException("a PASID is prepared before it is entered: " + pasid);
    }
    long entry = entryPa(table, pasid);
    int bits = domain.format().va().bits();
    IntelDomain second = domain.second();
    long firstRoot = domain.isFirstStage() ? domain.rootPa() : 0;
    long secondRoot = second != null ? second.rootPa() : domain.rootPa();
    int width = second != null ? second.format().va().bits() : bits;
    long type = second != null ? NESTED : domain.isFirstStage() ? FIRST_STAGE : SECOND_STAGE;
    boolean hasSecond = type != FIRST_STAGE;
    Memory.store(parts.memory(), entry + Long.BYTES, domain.id());
    Memory.store(
        parts.memory(),
        entry + 2L * Long.BYTES,
        domain.isFirstStage()
            ? firstRoot | NXE | (bits > FSPM_BASE_BITS ? 1L << FSPM_SHIFT : 0)
            : 0);
    Memory.store(
        parts.memory(),
        entry,
        (hasSecond ? secondRoot | (setsStates ? SSADE : 0) : 0)
            | type
            | (long) Capabilities.addressWidth(width) << AW_SHIFT
            | P);
    Memory.store(parts.memory(), directory.pa() + (long) index * Long.BYTES, table.pa() | P);
    used.add(pasid);
  }

  /** Takes an entry out. Again does nothing. */
  void remove(int pasid) {
    StructureDescriptor table = tables.get(pasid >>> TABLE_LG2);
    if (table != null) {
      for (int word = 0; word < ENTRY_BYTES / Long.BYTES; word++) {
        Memory.store(parts.memory(), entryPa(table, pasid) + (long) word * Long.BYTES, 0);
      }
    }
    used.remove(pasid);
  }

  /** Takes tables without entries out of the directory: before the unit is told to forget. */
  void unlink() {
    for (int index : tables.keySet()) {
      if (!isUsed(index)) {
        Memory.store(parts.memory(), directory.pa() + (long) index * Long.BYTES, 0);
      }
    }
  }

  /** Frees replaced directories and tables without entries, which the unit has forgotten. */
  void trim() {
    replaced.forEach(parts.structures()::free);
    replaced.clear();
    Iterator<Map.Entry<Integer, StructureDescriptor>> all = tables.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Integer, StructureDescriptor> one = all.next();
      if (!isUsed(one.getKey())) {
        parts.structures().free(one.getValue());
        all.remove();
      }
    }
  }

  private boolean isUsed(int index) {
    Integer first = used.ceiling(index << TABLE_LG2);
    return first != null && first >>> TABLE_LG2 == index;
  }

  private static long entryPa(StructureDescriptor table, int pasid) {
    return table.pa() + (long) (pasid & (1 << TABLE_LG2) - 1) * ENTRY_BYTES;
  }

  /** Frees all. */
  void close() {
    used.clear();
    trim();
    parts.structures().free(directory);
  }
}
