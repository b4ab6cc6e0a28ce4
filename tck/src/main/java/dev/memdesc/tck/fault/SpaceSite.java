package dev.memdesc.tck.fault;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.Invalidator;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.memory.MemoryWait;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.stamp.Stamps;
import java.util.List;

/** A processor's address space, with caches that have to be told to forget. */
final class SpaceSite extends FaultSite {
  private final Memdesc memdesc;
  private final FaultyInvalidator invalidator = new FaultyInvalidator(faults);
  private final EngineAddressSpace space;

  SpaceSite(FormatBackend backend, String format) {
    this.memdesc =
        configured(Memdesc.builder())
            .registry(BackendRegistry.of(List.of(new FaultyArch(backend, faults))))
            .arch(format)
            .build();
    this.space = newSpace("space");
  }

  private EngineAddressSpace newSpace(String name) {
    return new Told(name);
  }

  /** An address space as a machine's own, whose flushes tell hardware. */
  private final class Told extends EngineAddressSpace {
    Told(String name) {
      super(
          name,
          memdesc.selection().format(),
          memdesc.memory(),
          memdesc.descriptors(),
          memdesc.tableMemory(),
          memdesc.rcu(),
          PageAllocator.ANY_NODE,
          MemoryWait.NONE,
          (next, context) -> Stamps.of(next, memdesc.memory()).apply(context),
          _ -> {});
    }

    @Override
    protected Invalidator invalidator() {
      return invalidator;
    }
  }

  @Override
  Memdesc memdesc() {
    return memdesc;
  }

  @Override
  AddressSpace space() {
    return space;
  }

  @Override
  void silence() {}

  @Override
  void refuseCommand() {}

  @Override
  void recover() {}

  @Override
  boolean owes() {
    return invalidator.owes();
  }
}
