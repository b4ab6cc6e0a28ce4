package dev.memdesc.arch.x86;

import dev.memdesc.tck.RandomOperations;
import dev.memdesc.tck.TestMachine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A million random operations on every variant, against a map that keeps every page by itself. */
final class X86RandomTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"x86/4-level", "x86/5-level", "x86/4-level-pti", "x86/5-level-pti", "x86/pae"})
  void randomOperationsEqualAPlainMap(String name) {
    TestMachine machine = TestMachine.of(new X86Backend(), name);
    long span = Math.min(1L << 39, 1L << (machine.format().va().bits() - 1));
    RandomOperations.run(machine, span, 1_000_000);
    machine.checkAndClose();
  }
}
