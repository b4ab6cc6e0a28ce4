package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.rcu.DeterministicRcu;
import dev.memdesc.core.stamp.TinyBackend;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A machine with a {@link FakeUnit}; closing it checks that everything was given back. */
final class UnitMachine implements AutoCloseable {
  final FakeUnit unit;
  final DeterministicRcu rcu = new DeterministicRcu();
  final Memdesc memdesc;
  final FaultInjectingAllocator allocator;

  UnitMachine(TableFormat machineFormat, List<AddressRange> reserved, TableFormat... formats) {
    this(machineFormat, reserved, UnaryOperator.identity(), formats);
  }

  /**
   * A machine.
   *
   * @param plugin what stands between the allocator that injects faults and the frames
   */
  UnitMachine(
      TableFormat machineFormat,
      List<AddressRange> reserved,
      UnaryOperator<PageAllocator> plugin,
      TableFormat... formats) {
    this.unit = new FakeUnit(reserved, formats);
    this.memdesc =
        Memdesc.builder()
            .registry(BackendRegistry.of(List.of(new TinyBackend(machineFormat)), List.of(unit)))
            .arch(machineFormat.name())
            .memoryBytes(64L << 20)
            .rcu(() -> rcu)
            .iommuTimeout(Duration.ofMillis(300))
            .allocator(
                (memory, descriptors, nodes) ->
                    new FaultInjectingAllocator(
                        plugin.apply(new BuddyPageAllocator(memory, descriptors, nodes))))
            .build();
    this.allocator = (FaultInjectingAllocator) memdesc.allocator();
  }

  Iommu open() {
    return memdesc.openIommu("fake-unit", unit);
  }

  /** Waits until what is freed deferred is free. */
  void settle() {
    rcu.barrier();
    rcu.barrier();
  }

  /** The commands since the last call. */
  List<String> log() {
    List<String> log = List.copyOf(unit.log);
    unit.log.clear();
    return log;
  }

  @Override
  public void close() {
    memdesc.close();
    assertThat(allocator.allocatedBytes()).as("bytes left").isZero();
    assertThat(unit.inUse).as("devices left").isEmpty();
  }
}
