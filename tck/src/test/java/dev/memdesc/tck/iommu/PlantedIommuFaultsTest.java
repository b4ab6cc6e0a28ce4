package dev.memdesc.tck.iommu;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.tck.iommu.SampleIommu.Fault;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each fault of a backend is seen by a check, which passes without it. */
class PlantedIommuFaultsTest {
  private static final String FORMAT = SampleIommu.NAME + "/one";

  @ParameterizedTest
  @CsvSource({
    "KEEPS_TABLE_AT_FAILED_OPEN, a unit that lacks memory to open leaves nothing",
    "NEVER_INVALIDATES, 'mapping asks for nothing, unmapping for an invalidation'",
    "NEVER_INVALIDATES, the queue wraps",
    "NEVER_WAITS, no table is free before the unit has completed",
    "NEVER_WAITS, the queue wraps",
    "FORGETS_LITTLE_INSTEAD, a command that is refused is replaced by more",
    "LEAKS_AT_FAILED_ATTACH, an attach without memory changes nothing",
    "DETACHES_WITHOUT_WAITING, a device is attached to one domain at a time",
    "SAME_NUMBER, domains have numbers of their own",
    "SAYS_NOTHING_OF_LOST_FAULTS, more faults than there is room for are said to be lost",
    "FAULTS_OF_ANY_DEVICE, faults reach the domain of their device",
    "ALLOWS_ANY_DEVICE, a device that the unit lacks is refused",
  })
  void aFaultIsSeen(Fault fault, String check) {
    assertThatCode(run(Fault.NONE, check)).doesNotThrowAnyException();
    assertThatThrownBy(run(fault, check)).as("%s with %s", check, fault).isNotNull();
  }

  private static ThrowingCallable run(Fault fault, String name) {
    Map<String, Consumer<UnitRig>> units = new LinkedHashMap<>();
    UnitChecks.addTo(units);
    QueueChecks.addTo(units);
    Map<String, BiConsumer<UnitRig, String>> domains = new LinkedHashMap<>();
    DomainChecks.addTo(domains);
    return () -> {
      try (UnitRig rig = new UnitRig(new SampleIommu(fault))) {
        Consumer<UnitRig> unit = units.get(name);
        if (unit != null) {
          unit.accept(rig);
        } else {
          Objects.requireNonNull(domains.get(name)).accept(rig, FORMAT);
        }
      }
    };
  }
}
