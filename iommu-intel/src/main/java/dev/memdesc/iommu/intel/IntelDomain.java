package dev.memdesc.iommu.intel;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.CommandQueue;
import dev.memdesc.api.spi.UnitDomain;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A domain of a unit: its id tags translations in the unit's caches. VT-d 6.5.2 "Queued
 * Invalidation Interface", 6.5.3 "Invalidation Considerations".
 *
 * <p>A range is forgotten as at most two aligned blocks of 2^AM pages, or, if those would be larger
 * than the unit knows, as the whole domain. The first stage is tagged by PASID too, so it has a
 * command for each PASID that the domain is used with; what lies above a second stage is forgotten
 * with it.
 */
final class IntelDomain implements UnitDomain {
  private final IntelUnit unit;
  private final TableFormat format;
  private final long rootPa;
  private final int id;
  private final boolean firstStage;
  private final @Nullable IntelDomain second;
  // Added to before an entry leads to the domain, taken from when the unit has forgotten it.
  private final Set<Integer> pasids = new ConcurrentSkipListSet<>();
  private final List<IntelDomain> above = new CopyOnWriteArrayList<>();

  IntelDomain(
      IntelUnit unit, TableFormat format, long rootPa, int id, @Nullable IntelDomain second) {
    this.unit = unit;
    this.format = format;
    this.rootPa = rootPa;
    this.id = id;
    this.firstStage = Formats.isFirstStage(format);
    this.second = second;
    if (second != null) {
      second.above.add(this);
    }
  }

  @Override
  public int id() {
    return id;
  }

  TableFormat format() {
    return format;
  }

  long rootPa() {
    return rootPa;
  }

  boolean isFirstStage() {
    return firstStage;
  }

  /** The stage below, or null. */
  @Nullable IntelDomain second() {
    return second;
  }

  /** The entries of PASID tables that lead here. */
  Set<Integer> pasids() {
    return pasids;
  }

  @Override
  public void attach(int device, int pasid) {
    unit.attach(this, device, pasid);
  }

  @Override
  public void detach(int device, int pasid) {
    unit.detach(this, device, pasid);
  }

  @Override
  public void invalidate(long first, long last, long leafSizes, boolean tables) {
    long firstPage = first >>> SecondStage.FRAME_LG2;
    long lastPage = last >>> SecondStage.FRAME_LG2;
    int am = Long.SIZE - Long.numberOfLeadingZeros(lastPage - firstPage);
    if (am > unit.capabilities().mostPagesLg2()) {
      invalidateAll();
      return;
    }
    for (long block = firstPage & -1L << am; block <= lastPage; block += 1L << am) {
      putPages(Descriptors.pages(block << SecondStage.FRAME_LG2, am, !tables));
    }
    above.forEach(IntelDomain::invalidateAll);
  }

  private void putPages(long pages) {
    CommandQueue queue = unit.commands();
    if (firstStage) {
      pasids.forEach(pasid -> queue.put(Descriptors.pasidIotlbPages(id, pasid), pages));
    } else {
      queue.put(Descriptors.iotlbPages(id, unit.drain()), pages);
    }
  }

  @Override
  public void invalidateAll() {
    unit.commands().put(Descriptors.iotlb(id, unit.drain()), 0);
    if (firstStage) {
      pasids.forEach(pasid -> unit.commands().put(Descriptors.pasidIotlb(id, pasid), 0));
    }
    above.forEach(IntelDomain::invalidateAll);
  }

  @Override
  public void complete() {
    unit.waiter().complete();
  }

  @Override
  public void close() {
    unit.close(this);
    if (second != null) {
      second.above.remove(this);
    }
  }
}
