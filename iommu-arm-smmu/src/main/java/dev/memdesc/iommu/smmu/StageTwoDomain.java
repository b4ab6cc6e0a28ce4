package dev.memdesc.iommu.smmu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.UnitDomain;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A domain of stage 2, tagged by a VMID. What a nested stage 1 and this one made together is cached
 * under the address that the device asked for, which stage 2 does not know: when this one changes,
 * all of the VMID's stage 1 is forgotten too, after stage 2 is (IHI 0070 section 4.4.3 "Stage 2 TLB
 * invalidation").
 */
final class StageTwoDomain implements UnitDomain {
  /** What {@link #translate} says where nothing is mapped. */
  static final long NOT_MAPPED = -1;

  private final Streams devices;
  private final CommandStream commands;
  private final NumberPool vmids;
  private final TableFormat format;
  private final long rootPa;
  private final TlbRanges ranges;
  private final StreamTableEntry entry;
  private final int vmid;
  private final AtomicInteger nested = new AtomicInteger();

  StageTwoDomain(
      Streams devices,
      CommandStream commands,
      Features features,
      NumberPool vmids,
      TableFormat format,
      long rootPa) {
    this.devices = devices;
    this.commands = commands;
    this.vmids = vmids;
    this.format = format;
    this.rootPa = rootPa;
    this.ranges = new TlbRanges(format, features.ranges());
    this.vmid = vmids.take();
    this.entry = StreamTableEntry.stageTwo(format, features.oas(), vmid, rootPa);
  }

  StreamTableEntry entry() {
    return entry;
  }

  boolean isOf(Streams others) {
    return devices == others;
  }

  /** A stage 1 comes (1) or goes (-1). */
  void nest(int change) {
    nested.addAndGet(change);
  }

  /** Where an ipa is, or {@link #NOT_MAPPED}; the caller knows that nobody unmaps it meanwhile. */
  long translate(Words words, long ipa) {
    if (!format.va().allows(ipa)) {
      return NOT_MAPPED;
    }
    long table = rootPa;
    for (int level = format.rootLevel(); level >= 0; level--) {
      LevelLayout layout = format.level(level);
      long item = words.load(table + layout.offset(ipa));
      Leaf leaf = layout.leafOf(item);
      if (leaf != null) {
        return leaf.translate(item, ipa);
      }
      if (layout.kind(item) != EntryKind.TABLE) {
        return NOT_MAPPED;
      }
      table = layout.tablePa().decode(item);
    }
    return NOT_MAPPED;
  }

  @Override
  public int id() {
    return vmid;
  }

  @Override
  public void attach(int device, int pasid) {
    devices.attach(this, device, pasid);
  }

  @Override
  public void detach(int device, int pasid) {
    devices.detach(this, device, pasid);
  }

  @Override
  public void invalidate(long first, long last, long leafSizes, boolean tables) {
    boolean split =
        ranges.split(
            first,
            last,
            leafSizes,
            tables,
            range -> commands.put(Command.tlbiS2Ipa(vmid, range, !tables)));
    if (!split) {
      invalidateAll();
    }
  }

  /** Of both stages. */
  @Override
  public void invalidateAll() {
    commands.put(Command.tlbiS12Vmall(vmid));
  }

  @Override
  public void complete() {
    commands.sync();
    if (nested.get() > 0) {
      commands.put(Command.tlbiNhAll(vmid));
      commands.sync();
    }
  }

  @Override
  public void close() {
    if (nested.get() > 0) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a stage 2 is closed after the stages 1 in it")
          .with("VMID", vmid)
          .with("nested", nested.get())
          .build();
    }
    devices.detachAll(this);
    invalidateAll();
    complete();
    vmids.give(vmid);
  }
}
