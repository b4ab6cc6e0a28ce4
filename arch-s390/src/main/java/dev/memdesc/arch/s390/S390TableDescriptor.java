package dev.memdesc.arch.s390;

import dev.memdesc.api.descriptor.KernelSlot;
import dev.memdesc.api.descriptor.TableDescriptor;

/**
 * The descriptor of an s390x table, with the guest address of a table that translates for a guest:
 * Linux's gmap keeps for each of its segment and region tables which guest addresses they are for,
 * so that a change in the host's tables finds what it has to invalidate in the guest's.
 *
 * <p>In the kernel's ptdesc the address lies in one word with the back pointer to the mm: a table
 * has one or the other. Here it has both, and {@code KernelSlots} says so.
 */
public final class S390TableDescriptor extends TableDescriptor {
  // Plain: written by whoever hooked the table, before it shows the table to others.
  @KernelSlot(value = "pt_index", offset = 32, bytes = 8)
  private long guestAddress;

  /** A descriptor of no table yet, without a guest address. */
  public S390TableDescriptor() {}

  /** The guest address that the first item of the table translates; 0 if nobody set one. */
  public long guestAddress() {
    return guestAddress;
  }

  /** Sets the guest address; it holds until the table is free. */
  public void setGuestAddress(long address) {
    this.guestAddress = address;
  }

  @Override
  protected void onAssign() {
    guestAddress = 0;
  }
}
