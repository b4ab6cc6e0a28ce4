package dev.memdesc.arch.arm64;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.RandomOperations;
import dev.memdesc.tck.TestMachine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A million random operations on every variant, against a map that keeps every page by itself. */
final class Arm64RandomTest {
  static List<TableFormat> variants() {
    return Arm64Format.VARIANTS;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void randomOperationsEqualAPlainMap(TableFormat format) {
    TestMachine machine = TestMachine.of(new Arm64Backend(), format.name());
    // Where two of the root's items meet.
    long middle = format.va().extend(1L << (format.va().bits() - 1));
    RandomOperations.run(machine, middle, 1_000_000);
    machine.checkAndClose();
  }
}
