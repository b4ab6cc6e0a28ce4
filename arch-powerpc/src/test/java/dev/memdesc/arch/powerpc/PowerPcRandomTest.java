package dev.memdesc.arch.powerpc;

import dev.memdesc.tck.RandomOperations;
import dev.memdesc.tck.TestMachine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A million random operations on every variant, against a map that keeps every page by itself. */
final class PowerPcRandomTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void randomOperationsEqualAPlainMap(int variant) {
    String name = PowerPcFormat.VARIANTS.get(variant).name();
    TestMachine machine = TestMachine.of(new PowerPcBackend(), name);
    RandomOperations.run(machine, 1L << (machine.format().va().bits() - 1), 1_000_000);
    machine.checkAndClose();
  }
}
