package dev.memdesc.tck.fault;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What is done to an IOMMU and its domains beside mapping. */
final class UnitOperations {
  private UnitOperations() {}

  static List<Operation> all() {
    List<Operation> all = new ArrayList<>();
    add(all, "attach", Operation::nothing, site -> site.domain().attach(DomainSite.OTHER_DEVICE));
    add(
        all,
        "attach a PASID",
        Operation::nothing,
        site -> site.domain().attach(DomainSite.OTHER_DEVICE, 5));
    add(
        all,
        "detach",
        site -> site.prepare(0, 0, site.frame()),
        site -> site.domain().detach(DomainSite.DEVICE));
    add(
        all,
        "detach a PASID",
        site -> unit(site).domain().attach(DomainSite.OTHER_DEVICE, 5),
        site -> site.domain().detach(DomainSite.OTHER_DEVICE, 5));
    add(all, "a new domain", Operation::nothing, site -> site.adopt(newDomain(site)));
    add(
        all,
        "close a domain",
        site -> {
          IommuDomain other = newDomain(unit(site));
          other.attach(DomainSite.OTHER_DEVICE);
          try (Gather gather = other.gather()) {
            other.map(0, 0, 3 * site.frame(), Attributes.USER_DATA, gather);
          }
          site.adopt(other);
        },
        site -> site.close(IommuDomain.class));
    add(all, "open a unit", Operation::nothing, site -> site.adopt(site.openOther()));
    add(
        all,
        "close a unit",
        site -> {
          Iommu other = unit(site).openOther();
          other.newDomain("other", site.format().name()).attach(DomainSite.DEVICE);
          site.adopt(other);
        },
        site -> site.close(Iommu.class));
    add(
        all,
        "poll faults",
        site -> {
          unit(site).domain().onFault(_ -> site.callback());
          unit(site).model().request(DomainSite.DEVICE, -1, 0, true);
          unit(site).model().request(DomainSite.OTHER_DEVICE, -1, 0, true);
        },
        site -> site.iommu().pollFaults(_ -> site.callback()));
    return all;
  }

  private static IommuDomain newDomain(DomainSite site) {
    return site.iommu().newDomain("other", site.format().name());
  }

  private static DomainSite unit(FaultSite site) {
    return (DomainSite) site;
  }

  private static void add(
      List<Operation> all, String name, Consumer<FaultSite> before, Consumer<DomainSite> run) {
    all.add(
        Operation.of(name, before, site -> run.accept(unit(site)))
            .where(DomainSite.class::isInstance));
  }
}
