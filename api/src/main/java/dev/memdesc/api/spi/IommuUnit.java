package dev.memdesc.api.spi;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.function.Consumer;

/** An IOMMU in use. */
public interface IommuUnit extends AutoCloseable {
  /**
   * The formats that this unit can walk, as its capability registers say: a part of the backend's
   * variants, in their order.
   */
  List<TableFormat> formats();

  /**
   * What a leaf has to say beside what was asked for, so that devices can use it: a unit that does
   * not set the access flag by itself, and faults where it is clear, has it set beforehand.
   */
  default Attributes forDevices(TableFormat format, Attributes attributes) {
    return attributes;
  }

  /** The ranges of iova that the unit never translates through this format's tables. */
  List<AddressRange> reserved(TableFormat format);

  /**
   * A domain with a number of its own.
   *
   * @param format one of {@link #formats}
   * @param rootPa of its tables
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY} if
   *     there is no number left, {@link dev.memdesc.api.Reason#INCONSISTENT} if the unit does not
   *     offer the format
   */
  UnitDomain newDomain(TableFormat format, long rootPa);

  /**
   * A domain whose tables, and what they lead to, are translated once more.
   *
   * @param format of the first stage
   * @param root of the first stage's tables, as an address that {@code second} translates
   * @param second the second stage
   * @throws dev.memdesc.api.PageTableException as {@link #newDomain}, and with {@link
   *     dev.memdesc.api.Reason#INCONSISTENT} if the unit cannot nest these
   */
  UnitDomain newNestedDomain(TableFormat format, long root, UnitDomain second);

  /**
   * Takes every fault that the unit has recorded, oldest first, so that it has room for more.
   *
   * @return how many were lost because it had none; a unit that does not count says at least 1
   */
  long takeFaults(Consumer<IommuFault> sink);

  /** The queue that invalidations go through. */
  CommandQueue commands();

  /**
   * Switches translation off, so that no request is translated any more, and frees the structures.
   * Domains must be closed before.
   */
  @Override
  void close();
}
