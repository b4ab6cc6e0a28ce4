package dev.memdesc.arch.s390;

import dev.memdesc.tck.RandomOperations;
import dev.memdesc.tck.TestMachine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A million random operations on every variant, against a map that keeps every page by itself. */
final class S390RandomTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void randomOperationsEqualAPlainMap(int variant) {
    String name = S390Format.VARIANTS.get(variant).name();
    TestMachine machine = TestMachine.of(new S390Backend(), name);
    // Where two of the root's items meet; the largest format is cut in its middle.
    int middleLg2 = Math.min(63, machine.format().va().bits() - 1);
    RandomOperations.run(machine, 1L << middleLg2, 1_000_000);
    machine.checkAndClose();
  }
}
