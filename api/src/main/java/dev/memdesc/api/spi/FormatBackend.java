package dev.memdesc.api.spi;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import java.util.List;

/**
 * What every backend is, whether a processor or an IOMMU walks its tables: a name and formats.
 * Implementations are stateless, have a public constructor without parameters, and are found by
 * {@link java.util.ServiceLoader} as what they are: {@link ArchBackend} or {@link IommuBackend}.
 */
public interface FormatBackend {
  /**
   * The name before the slash of every variant's format: lower case letters and digits, with single
   * hyphens between them.
   */
  String name();

  /**
   * Every format, the default first. {@code variants()} equals itself at every call, and every
   * format's name begins with {@code name() + "/"}.
   */
  List<TableFormat> variants();

  /** A new descriptor for a table; a backend that needs more fields returns its own class. */
  default TableDescriptor newTableDescriptor() {
    return new TableDescriptor();
  }
}
