package dev.memdesc.api.spi;

/**
 * What a unit knows of one domain: its number (domain id, ASID, VMID) and which devices use it. One
 * thread at a time attaches and detaches; invalidations may come from any.
 */
public interface UnitDomain extends Invalidator, AutoCloseable {
  /** A device's requests that carry no PASID (no substream id). */
  int NO_PASID = -1;

  /** The number that tags the domain's translations in the unit's caches. */
  int id();

  /**
   * Lets a device use the domain's tables. When this returns, the unit uses them for every request
   * of the device that begins later.
   *
   * @param device the source id or StreamID
   * @param pasid the PASID or SubstreamID, or {@link #NO_PASID}
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#ALREADY_MAPPED}
   *     if something is attached there, {@link dev.memdesc.api.Reason#VA_OUTSIDE_FORMAT} if the
   *     unit has no such device or PASID, {@link dev.memdesc.api.Reason#OUT_OF_MEMORY}, {@link
   *     dev.memdesc.api.Reason#TOOL}; nothing changed
   */
  void attach(int device, int pasid);

  /**
   * Ends that. When this returns, no request of the device is inside the domain's tables any more,
   * and later ones fault.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#NOT_MAPPED} if
   *     the device is not attached to this domain with that PASID
   */
  void detach(int device, int pasid);

  /** Detaches every device, forgets every translation and gives the number back. */
  @Override
  void close();
}
