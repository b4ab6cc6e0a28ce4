package dev.memdesc.iommu.intel;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.arch.x86.X86Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * First-stage tables: VT-d 3.6 "First-Stage Translation", 9.7 "First-Stage Paging Entries". They
 * are the processor's tables of 4 or 5 levels, drawn at arch-x86's format, without protection keys;
 * the manual's FS-PTE, FS-PDE, FS-PDPE, FS-PML4E and FS-PML5E are the items of levels 0 to 4.
 *
 * <p>A device's request is a user's, so every leaf says USER. The unit's table of memory types is
 * not set up, so there is WRITE_BACK alone.
 */
final class FirstStage {
  private static final List<TableFormat> PROCESSOR = new X86Backend().variants();

  private FirstStage() {}

  /**
   * A format.
   *
   * @param vaBits 48 or 57
   * @param leafLevels how many levels have leaves, 1..3
   */
  static TableFormat format(String name, int vaBits, int leafLevels) {
    TableFormat processor =
        PROCESSOR.stream().filter(one -> one.va().bits() == vaBits).findFirst().orElseThrow();
    List<LevelLayout> levels = new ArrayList<>();
    for (int level = 0; level <= processor.rootLevel(); level++) {
      LevelLayout layout = processor.level(level);
      levels.add(level < leafLevels ? layout : withoutLeaves(layout));
    }
    return new TableFormat(
        name,
        processor.order(),
        processor.frameLg2(),
        processor.va(),
        processor.paBits(),
        levels,
        processor.capabilities(),
        new Codec(processor.codec()));
  }

  private static LevelLayout withoutLeaves(LevelLayout layout) {
    return new LevelLayout(
        layout.manualName(),
        layout.shift(),
        layout.indexBits(),
        layout.table(),
        layout.empty(),
        layout.emptyItem(),
        layout.isTable(),
        layout.tablePa(),
        layout.tableConstant(),
        List.of(),
        layout.accessed(),
        layout.dirty(),
        layout.mirror());
  }

  /** The processor's codec for what a device can be told. */
  private record Codec(EntryCodec processor) implements EntryCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      if (!attributes.has(Access.USER)) {
        throw refused("a device's request is a user's", attributes).hint("add USER").build();
      }
      if (attributes.memoryType() != MemoryType.WRITE_BACK || attributes.protectionKey() != 0) {
        throw refused("a first-stage leaf is write-back memory without key", attributes).build();
      }
      return processor.bits(attributes, level, leaf);
    }

    private static PageTableException.Builder refused(String rule, Attributes attributes) {
      return PageTableException.because(Reason.ATTRIBUTE, rule).with("attributes", attributes);
    }

    @Override
    public Attributes decode(long item, int level) {
      return processor.decode(item, level);
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      return processor.soft(entry, level);
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      return processor.decodeSoft(item, level);
    }

    @Override
    public List<BitField> picture(long item, int level) {
      return processor.picture(item, level);
    }
  }
}
