package dev.memdesc.tck.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.iommu.OpenIommu;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.tck.HostFormats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A machine with a model of a unit, for one check. Frames that held a domain's tables are watched:
 * none may be given back before the unit has completed an invalidation.
 */
final class UnitRig implements AutoCloseable {
  static final Attributes RW = Attributes.USER_DATA;
  private static final long BYTES = 256L << 20;

  final Memdesc memdesc;
  final ModelUnit model;
  final FaultInjectingAllocator faults;
  final Reader reader;
  final IommuBackend backend;
  private final long freeAtFirst;
  // How many completions there must be before the frame at the pa is given back.
  private final Map<Long, Long> needed = new ConcurrentHashMap<>();
  private final List<String> tooEarly = new ArrayList<>();

  UnitRig(IommuBackend backend) {
    this.backend = backend;
    TableFormat format = backend.variants().getFirst();
    BackendRegistry registry =
        BackendRegistry.of(List.of(HostFormats.of(format)), List.of(backend));
    ModelUnits models = ModelUnits.of(registry, backend.name());
    this.memdesc =
        Memdesc.builder()
            .registry(registry)
            .arch(HostFormats.NAME)
            .memoryBytes(BYTES)
            // A check pauses the model while it starts threads, which takes long on a busy machine.
            .iommuTimeout(Duration.ofMinutes(2))
            .allocator(
                (memory, descriptors, nodes) ->
                    new FaultInjectingAllocator(
                        new Watching(new BuddyPageAllocator(memory, descriptors, nodes))))
            .build();
    this.faults = (FaultInjectingAllocator) memdesc.allocator();
    this.model = models.create(memdesc.memory());
    this.reader = memdesc.newReader();
    this.freeAtFirst = faults.allocatedBytes();
  }

  Iommu open() {
    return memdesc.openIommu(backend.name(), model);
  }

  /** Waits until everything is free that was freed deferred. */
  void settle() {
    memdesc.rcu().barrier();
    memdesc.rcu().barrier();
  }

  /** Gives kept tables back, so that their frames are freed. */
  void trim(Iommu iommu) {
    settle();
    ((OpenIommu) iommu).trim();
  }

  void map(IommuDomain domain, long iova, long pa, long length) {
    try (Gather gather = domain.gather()) {
      domain.map(iova, pa, length, RW, gather);
    }
  }

  /** From now on the tables below the root are freed only after one more completion. */
  List<TableDescriptor> watch(IommuDomain domain) {
    List<TableDescriptor> tables = new ArrayList<>();
    domain.visitTables(
        (level, va, table) -> {
          if (level < domain.format().rootLevel()) {
            needed.put(table.pa(), model.completions() + 1);
            tables.add(table);
          }
        },
        reader);
    return tables;
  }

  void checkValid(IommuDomain domain) {
    assertThat(StructureChecker.check(domain, memdesc.memory(), memdesc.descriptors())).isEmpty();
  }

  /** Fails unless every frame is free and none was given back too early. */
  void checkAllFree() {
    assertThat(tooEarly).as("frames given back before the unit had completed").isEmpty();
    assertThat(faults.allocatedBytes()).as("bytes left").isEqualTo(freeAtFirst);
  }

  @Override
  public void close() {
    faults.failNth(Long.MAX_VALUE);
    reader.close();
    memdesc.close();
    checkAllFree();
  }

  /** Notes frames that come back before their invalidation is complete. */
  private final class Watching implements PageAllocator {
    private final PageAllocator delegate;

    Watching(PageAllocator delegate) {
      this.delegate = delegate;
    }

    @Override
    public long allocate(int order, int node, long paLimit) {
      return delegate.allocate(order, node, paLimit);
    }

    @Override
    public void free(long pa, int order) {
      Long completions = needed.remove(pa);
      if (completions != null && model.completions() < completions) {
        tooEarly.add(Long.toHexString(pa));
      }
      delegate.free(pa, order);
    }

    @Override
    public int nodeOf(long pa) {
      return delegate.nodeOf(pa);
    }

    @Override
    public long allocatedBytes() {
      return delegate.allocatedBytes();
    }

    @Override
    public List<NodeStatistics> statistics() {
      return delegate.statistics();
    }
  }
}
