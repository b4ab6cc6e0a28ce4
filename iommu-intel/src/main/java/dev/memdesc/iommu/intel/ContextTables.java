package dev.memdesc.iommu.intel;

/** Where a unit finds a device's tables. Used under the unit's lock. */
interface ContextTables extends AutoCloseable {
  /** The value of RTADDR. */
  long register();

  /**
   * Checks that the unit can have a device, and makes room for its entry.
   *
   * @throws dev.memdesc.api.PageTableException with {@link
   *     dev.memdesc.api.Reason#VA_OUTSIDE_FORMAT} if there is no such device or PASID, {@link
   *     dev.memdesc.api.Reason#OUT_OF_MEMORY}; nothing changed
   */
  void prepare(int device, int pasid);

  /**
   * Writes the entries; cannot fail after {@link #prepare}.
   *
   * @return whether something that was present changed, so that the unit has to forget it
   */
  boolean enter(int device, int pasid, IntelDomain domain);

  /** Takes the entry out; the unit may still use what it has read. Again does nothing. */
  void remove(int device, int pasid);

  /** Frees what {@link #remove} or {@link #prepare} left unused; the unit has forgotten it. */
  void release(int device);

  /** Frees all. */
  @Override
  void close();
}
