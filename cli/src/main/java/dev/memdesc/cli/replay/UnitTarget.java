package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.Backends;
import dev.memdesc.cli.HostMemory;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.tck.iommu.ModelUnit;
import dev.memdesc.tck.iommu.ModelUnits;
import java.util.List;
import java.util.Map;

/**
 * An IOMMU in a machine of its own. Where no hardware is, a model consumes the commands in the
 * machine's memory and completes the waits.
 */
final class UnitTarget implements ReplayTarget {
  /** Device 1 of bus 0, as far as that means something to a unit. */
  private static final int FIRST_DEVICE = 8;

  private static final int PAGE_LG2 = 12;

  private final Memdesc machine;
  private final ModelUnit model;
  private final Iommu iommu;
  private final TableFormat format;
  private List<AddressRange> reserved = List.of();
  private int nextDevice = FIRST_DEVICE;

  /**
   * Takes a unit into use.
   *
   * @param name a backend's, or a format's of it
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME} if there is none of that name, or
   *     no model of it
   */
  UnitTarget(String name) {
    int slash = name.indexOf('/');
    String backend = slash < 0 ? name : name.substring(0, slash);
    BackendRegistry registry = Backends.discover();
    ModelUnits models;
    String frames;
    try {
      List<TableFormat> variants = registry.iommu(backend).variants();
      format = slash < 0 ? variants.getFirst() : registry.format(name);
      models = ModelUnits.of(registry, backend);
      frames = machineFormat(registry);
    } catch (RuntimeException | Error e) {
      registry.close();
      throw e;
    }
    machine =
        Memdesc.builder()
            .registry(registry)
            .arch(frames)
            .memoryBytes(HostMemory.bytesForTables())
            .build();
    try {
      model = models.create(machine.memory());
      iommu = machine.openIommu(backend, model);
      requireOffered();
    } catch (RuntimeException | Error e) {
      machine.close();
      throw e;
    }
  }

  private void requireOffered() {
    if (!iommu.formats().contains(format)) {
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a format is one that its unit offers")
          .with("name", format)
          .hint("there are " + iommu.formats())
          .build();
    }
  }

  /** Any processor's whose frames are the pages that the kernel's IOMMU code counts in. */
  private static String machineFormat(BackendRegistry registry) {
    return registry.backends().stream()
        .flatMap(backend -> backend.variants().stream())
        .filter(format -> format.frameLg2() == PAGE_LG2)
        .map(TableFormat::name)
        .findFirst()
        .orElseThrow(
            () ->
                PageTableException.because(Reason.UNKNOWN_NAME, "a processor has pages of 4K")
                    .hint("add a backend of one")
                    .build());
  }

  @Override
  public TableFormat format() {
    return format;
  }

  @Override
  public long tableBytes() {
    return HostMemory.bytesForTables();
  }

  @Override
  public AddressSpace newDomain(String name) {
    IommuDomain domain = iommu.newDomain(name, format.name());
    if (nextDevice == model.unknownDevice()) {
      nextDevice++;
    }
    domain.attach(nextDevice++);
    reserved = domain.reserved();
    return domain;
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
    return iommu.commands().commands();
  }

  @Override
  public Map<String, Long> commandsByName() {
    return model.commands();
  }

  @Override
  public long invalidations() {
    return model.invalidations();
  }

  @Override
  public long frameBytes() {
    return iommu.pages() << PAGE_LG2;
  }

  @Override
  public void close() {
    machine.close();
  }
}
