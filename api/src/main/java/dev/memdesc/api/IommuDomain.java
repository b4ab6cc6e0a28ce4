package dev.memdesc.api;

import java.util.List;
import java.util.function.Consumer;

/**
 * The page tables of devices: an address space whose translations a unit caches, and that devices
 * are attached to. Addresses are iovas. A gather that is flushed returns only when the unit has
 * forgotten what was unmapped; until then the frames behind it belong to the devices, and what is
 * mapped there anew may not be seen by them yet.
 */
public interface IommuDomain extends AddressSpace {
  /** A name for messages. */
  String name();

  /** The number that tags the domain's translations: domain id, ASID or VMID. */
  int id();

  /**
   * Lets a device use the domain, for its requests without PASID.
   *
   * @param device the source id or StreamID
   * @throws PageTableException with {@link Reason#ALREADY_MAPPED} if it is attached somewhere,
   *     {@link Reason#VA_OUTSIDE_FORMAT} if the unit has no such device, {@link
   *     Reason#OUT_OF_MEMORY}, {@link Reason#CLOSED}; nothing changed
   */
  void attach(int device);

  /**
   * The same for its requests with a PASID.
   *
   * @param pasid the PASID or SubstreamID
   */
  void attach(int device, int pasid);

  /**
   * Ends what {@link #attach(int)} began: when this returns, no request is under way in the tables.
   *
   * @throws PageTableException with {@link Reason#NOT_MAPPED} if the device is not attached
   */
  void detach(int device);

  /** The same for {@link #attach(int, int)}. */
  void detach(int device, int pasid);

  /** The devices that are attached, with or without PASID, ascending, each once. */
  List<Integer> devices();

  /**
   * Who is told of the faults of the domain's devices, by the thread that calls {@link
   * Iommu#pollFaults}. The last call wins.
   */
  void onFault(Consumer<IommuFault> handler);

  /** The ranges of iova that the unit never translates: mapping there is refused. */
  List<AddressRange> reserved();

  /**
   * Detaches every device, invalidates, then frees every table.
   *
   * @throws PageTableException with {@link Reason#TOOL} if the unit does not answer: the domain
   *     stays open, and nothing was freed; with {@link Reason#ILLEGAL_STATE} while another domain
   *     is nested in this one
   */
  @Override
  void close();
}
