package dev.memdesc.tck.iommu;

import dev.memdesc.api.spi.UnitRegisters;
import java.util.SortedMap;

/**
 * A model of an IOMMU where no QEMU runs: registers, the structures and queues in memory behind
 * them, and no device. It consumes commands when software publishes them, in the thread that writes
 * the register, and does what a wait or sync command asks for. It knows no page table.
 *
 * <p>Safe for any number of threads. A model checks what it is told as its manual does: a command
 * or structure that hardware would refuse is refused.
 */
public interface ModelUnit extends UnitRegisters {
  /** How many commands of each kind it has completed, by the manual's name. */
  SortedMap<String, Long> commands();

  /**
   * How many of them made it forget translations of page tables: those of one domain or more, not
   * only of cached structures.
   */
  long invalidations();

  /** How many waits or syncs it has completed: everything before them is forgotten. */
  long completions();

  /** Consumes no command until {@link #resume}, as a unit that is busy. */
  void pause();

  /** Consumes what came meanwhile, and goes on. A refusal that met no command is forgotten. */
  void resume();

  /** Refuses the next command that it comes to, as one that is malformed; once. */
  void refuseNext();

  /**
   * A device's request arrives for an iova where nothing is mapped: finds out from the structures
   * in memory what hardware would, and records the fault as hardware does. A request of a device
   * that is attached faults as not mapped; any other faults because of the structure that is not
   * there.
   *
   * @param device the source id or StreamID
   * @param pasid the PASID or SubstreamID, or -1 for a request without
   */
  void request(int device, int pasid, long iova, boolean write);

  /** How many faults it has room for before it loses one. */
  int faultRoom();

  /** A device number that the unit does not have; -1 if it has all. */
  int unknownDevice();
}
