package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import java.util.List;
import java.util.Map;

/** Where a trace is replayed: a unit in memory of its own, whose domains have one format. */
interface ReplayTarget extends AutoCloseable {
  /** The format of the tables. */
  TableFormat format();

  /** How much memory there is for tables. */
  long tableBytes();

  /** A new, empty domain with a device of its own, as long as there are numbers for devices. */
  AddressSpace newDomain(String name);

  /** The ranges of iova that the unit never translates. */
  List<AddressRange> reserved();

  /** Registers the calling thread as a reader of the domains. Close it. */
  Reader newReader();

  /** How many commands went through the unit's queue. */
  long commands();

  /** What the unit did for them, by the manual's name. */
  Map<String, Long> commandsByName();

  /** How many of the commands made the unit forget translations. */
  long invalidations();

  /**
   * Frames of the unit's structures and all tables, in bytes: what Linux's nr_iommu_pages counts.
   */
  long frameBytes();

  @Override
  void close();
}
