package dev.memdesc.api.spi;

import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.Set;

/**
 * A CPU architecture. Implementations are stateless, have a public constructor without parameters,
 * and are found by {@link java.util.ServiceLoader}; annotate them with {@code @AutoService}.
 */
public interface ArchBackend extends FormatBackend {
  /** The values of the system property {@code os.arch} of machines that this backend is for. */
  Set<String> hostArchNames();

  /**
   * The variant that a Linux host with these CPU flags uses.
   *
   * @param cpuFlags the words of the line {@code flags} or {@code Features} of /proc/cpuinfo
   */
  default TableFormat hostVariant(Set<String> cpuFlags) {
    return variants().getFirst();
  }

  /**
   * What the registers must hold so that hardware walks the root at {@code rootPa}.
   *
   * @param asid the address-space number to tag translations with; 0 if the format has none
   */
  List<RegisterValue> activation(TableFormat format, long rootPa, int asid);
}
