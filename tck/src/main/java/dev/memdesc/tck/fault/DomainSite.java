package dev.memdesc.tck.fault;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.tck.HostFormats;
import dev.memdesc.tck.iommu.ModelUnit;
import dev.memdesc.tck.iommu.ModelUnits;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A domain of a model of a unit, with a device attached. */
final class DomainSite extends FaultSite {
  static final int DEVICE = 0x08;
  static final int OTHER_DEVICE = 0x10;

  /** A model answers in the thread that asks, or not at all. */
  private static final Duration TIMEOUT = Duration.ofMillis(2);

  private final Memdesc memdesc;
  private final IommuBackend backend;
  private final ModelUnit model;
  private final ModelUnit otherModel;
  private final Iommu iommu;
  private final IommuDomain domain;

  DomainSite(IommuBackend backend, String format) {
    this.backend = backend;
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(HostFormats.of(backend.variants().getFirst())),
            List.of(new FaultyIommu(backend, faults)));
    this.memdesc =
        configured(Memdesc.builder())
            .registry(registry)
            .arch(HostFormats.NAME)
            .iommuTimeout(TIMEOUT)
            .build();
    ModelUnits models = ModelUnits.of(registry, backend.name());
    this.model = models.create(memdesc.memory());
    this.otherModel = models.create(memdesc.memory());
    this.iommu = memdesc.openIommu(backend.name(), new FaultyRegisters(model, faults));
    this.domain = iommu.newDomain("domain", format);
    domain.attach(DEVICE);
  }

  Iommu iommu() {
    return iommu;
  }

  IommuDomain domain() {
    return domain;
  }

  ModelUnit model() {
    return model;
  }

  /** Takes the machine's other unit into use. */
  Iommu openOther() {
    return memdesc.openIommu(backend.name(), new FaultyRegisters(otherModel, faults));
  }

  @Override
  Memdesc memdesc() {
    return memdesc;
  }

  @Override
  AddressSpace space() {
    return domain;
  }

  @Override
  void silence() {
    model.pause();
    otherModel.pause();
  }

  @Override
  void refuseCommand() {
    model.refuseNext();
    otherModel.refuseNext();
  }

  @Override
  void recover() {
    model.resume();
    otherModel.resume();
  }

  @Override
  boolean owes() {
    return false;
  }

  @Override
  void closeSpaces(Consumer<Runnable> step) {
    super.closeSpaces(step);
    step.accept(iommu::close);
  }
}
