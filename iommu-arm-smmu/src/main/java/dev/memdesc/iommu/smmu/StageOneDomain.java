package dev.memdesc.iommu.smmu;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.UnitDomain;
import org.jspecify.annotations.Nullable;

/** A domain of stage 1, tagged by an ASID; in a stage 2 its VMID tags it too. */
final class StageOneDomain implements UnitDomain {
  private final Streams devices;
  private final CommandStream commands;
  private final NumberPool asids;
  private final @Nullable StageTwoDomain second;
  private final TlbRanges ranges;
  private final ContextDescriptor descriptor;
  private final int asid;
  private final int vmid;

  StageOneDomain(
      Streams devices,
      CommandStream commands,
      Features features,
      NumberPool asids,
      TableFormat format,
      long root,
      @Nullable StageTwoDomain second) {
    this.devices = devices;
    this.commands = commands;
    this.asids = asids;
    this.second = second;
    this.ranges = new TlbRanges(format, features.ranges());
    this.asid = asids.take();
    this.descriptor = ContextDescriptor.of(format, features.oas(), asid, root);
    this.vmid = second == null ? 0 : second.id();
    if (second != null) {
      second.nest(1);
    }
  }

  /** The stage 2 that this one is in, or null. */
  @Nullable StageTwoDomain second() {
    return second;
  }

  ContextDescriptor descriptor() {
    return descriptor;
  }

  /**
   * In a stage 2 the unit finds context descriptors by ipa: refuses one that it would not find.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  void requireReachable(long descriptorPa) {
    if (second != null && second.translate(devices.words(), descriptorPa) != descriptorPa) {
      throw PageTableException.because(
              Reason.INCONSISTENT,
              "stage 2 maps the unit's context descriptors at their own address")
          .with("descriptor", Hex.of(descriptorPa))
          .with("VMID", vmid)
          .hint("map the memory of structures one to one before a device is attached")
          .build();
    }
  }

  @Override
  public int id() {
    return asid;
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
            range -> commands.put(Command.tlbiNhVa(vmid, asid, range, !tables)));
    if (!split) {
      invalidateAll();
    }
  }

  @Override
  public void invalidateAll() {
    commands.put(Command.tlbiNhAsid(vmid, asid));
  }

  @Override
  public void complete() {
    commands.sync();
  }

  @Override
  public void close() {
    devices.detachAll(this);
    invalidateAll();
    complete();
    if (second != null) {
      second.nest(-1);
    }
    asids.give(asid);
  }
}
