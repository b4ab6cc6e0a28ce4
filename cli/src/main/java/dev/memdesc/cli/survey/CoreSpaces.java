package dev.memdesc.cli.survey;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.Backends;
import dev.memdesc.cli.HostMemory;
import dev.memdesc.core.Memdesc;
import org.jspecify.annotations.Nullable;

/** Address spaces of memdesc's core, all in one machine. */
final class CoreSpaces implements SpaceFactory {
  private final Memdesc machine;

  /**
   * Makes the machine.
   *
   * @param arch the format's name; null for the host's
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#UNKNOWN_NAME}
   */
  CoreSpaces(@Nullable String arch) {
    machine =
        Memdesc.builder()
            .registry(Backends.discover())
            .arch(arch)
            .memoryBytes(HostMemory.bytesForTables())
            .build();
  }

  @Override
  public TableFormat format() {
    return machine.selection().format();
  }

  @Override
  public boolean isFormatOf(String machineName) {
    // A folder that someone copied from /proc does not say: then it is taken for this machine's.
    String name = machineName.isEmpty() ? System.getProperty("os.arch") : machineName;
    return machine.selection().backend().hostArchNames().contains(name);
  }

  @Override
  public Reader newReader() {
    return machine.newReader();
  }

  @Override
  public AddressSpace newSpace(String name) {
    return machine.newAddressSpace(name);
  }

  @Override
  public void close() {
    machine.close();
  }
}
