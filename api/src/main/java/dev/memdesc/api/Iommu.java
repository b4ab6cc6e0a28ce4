package dev.memdesc.api;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.QueueCounts;
import java.util.List;
import java.util.function.Consumer;

/** An IOMMU in use: it makes domains, and tells of faults. Safe for any number of threads. */
public interface Iommu extends AutoCloseable {
  /** The backend's name. */
  String name();

  /** The formats that the unit offers, the default first. */
  List<TableFormat> formats();

  /**
   * A new, empty domain of the default format.
   *
   * @param name for messages
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY} or {@link Reason#CLOSED}
   */
  default IommuDomain newDomain(String name) {
    return newDomain(name, formats().getFirst().name());
  }

  /**
   * A new, empty domain.
   *
   * @param format its name, {@code backend/variant}
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME} if the unit does not offer it, and
   *     as {@link #newDomain(String)}
   */
  IommuDomain newDomain(String name, String format);

  /**
   * A new, empty domain whose pas, and whose tables' addresses, {@code second} translates once
   * more. Its tables lie in the machine's memory and lead to each other by pa, so {@code second}
   * has to map the memory where tables lie to itself: all of it, or what a {@link
   * IommuDomain#visitTables} shows. It is closed before {@code second}.
   *
   * @param format of the first stage
   * @throws PageTableException as {@link #newDomain(String, String)}, {@link Reason#FOREIGN} if
   *     {@code second} is not of this unit, {@link Reason#INCONSISTENT} if the unit cannot nest
   *     these
   */
  IommuDomain newNestedDomain(String name, String format, IommuDomain second);

  /**
   * Takes the faults that the unit recorded, and tells the domain that each one's device is
   * attached to, or {@code stray} if there is none or it has no {@linkplain IommuDomain#onFault
   * handler}. If one who is told throws, the others are told all the same.
   *
   * @return how many faults were lost because the unit had no room
   */
  long pollFaults(Consumer<IommuFault> stray);

  /** What went through the unit's command queue. */
  QueueCounts commands();

  /** Frames that the unit's structures and all domains' tables take: Linux's nr_iommu_pages. */
  long pages();

  /** Closes the domains, switches translation off and frees the structures. */
  @Override
  void close();
}
