package dev.memdesc.iommu.smmu;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.RandomOperations;
import dev.memdesc.tck.TestMachine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations with 4K pages, against a map that keeps every page by itself. */
final class SmmuRandomTest {
  private static final int OPERATIONS = 300_000;

  static List<TableFormat> variants() {
    return SmmuFormats.VARIANTS.stream()
        .filter(format -> SmmuFormats.isWalked(format) && format.frameLg2() == 12)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void randomOperationsEqualAPlainMap(TableFormat format) {
    TestMachine machine = TestMachine.of(new SmmuBackend(), format.name());
    // Where two of the root's items meet.
    long middle = 1L << (format.va().bits() - 1);
    RandomOperations.run(machine, middle, OPERATIONS);
    machine.checkAndClose();
  }
}
