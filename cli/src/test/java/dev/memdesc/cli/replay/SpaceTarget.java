package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.Memdesc;
import java.util.List;
import java.util.Map;

/** Domains that are address spaces of a processor's format: there is no unit, and no command. */
final class SpaceTarget implements ReplayTarget {
  private final Memdesc machine;
  private final List<AddressRange> reserved;

  SpaceTarget(String format, AddressRange... reserved) {
    this(format, 1L << 34, reserved);
  }

  SpaceTarget(String format, long memoryBytes, AddressRange... reserved) {
    this.machine = Memdesc.builder().arch(format).memoryBytes(memoryBytes).build();
    this.reserved = List.of(reserved);
  }

  @Override
  public TableFormat format() {
    return machine.selection().format();
  }

  @Override
  public AddressSpace newDomain(String name) {
    return machine.newAddressSpace(name);
  }

  @Override
  public List<AddressRange> reserved() {
    return reserved;
  }

  @Override
  public Reader newReader() {
    return machine.newReader();
  }

  @Override
  public long commands() {
    return 0;
  }

  @Override
  public Map<String, Long> commandsByName() {
    return Map.of();
  }

  @Override
  public long invalidations() {
    return 0;
  }

  @Override
  public long frameBytes() {
    return 0;
  }

  @Override
  public void close() {
    machine.close();
  }
}
