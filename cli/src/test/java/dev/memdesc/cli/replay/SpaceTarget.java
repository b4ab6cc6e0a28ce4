package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.Memdesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Domains that are address spaces of a processor's format: there is no unit, and no command. */
final class SpaceTarget implements ReplayTarget {
  private final Memdesc machine;
  private final List<AddressRange> reserved;

  private final long memoryBytes;
  private final List<AddressSpace> spaces;

  SpaceTarget(String format, AddressRange... reserved) {
    this(format, 1L << 34, new ArrayList<>(), reserved);
  }

  SpaceTarget(String format, long memoryBytes) {
    this(format, memoryBytes, new ArrayList<>());
  }

  /** Notes the domains that it makes in a list. */
  SpaceTarget(String format, List<AddressSpace> spaces) {
    this(format, 1L << 34, spaces);
  }

  private SpaceTarget(
      String format, long memoryBytes, List<AddressSpace> spaces, AddressRange... reserved) {
    this.machine = Memdesc.builder().arch(format).memoryBytes(memoryBytes).build();
    this.memoryBytes = memoryBytes;
    this.spaces = spaces;
    this.reserved = List.of(reserved);
  }

  @Override
  public TableFormat format() {
    return machine.selection().format();
  }

  @Override
  public long tableBytes() {
    return memoryBytes;
  }

  @Override
  public AddressSpace newDomain(String name) {
    spaces.add(machine.newAddressSpace(name));
    return spaces.getLast();
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
