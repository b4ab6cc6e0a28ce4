package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.info.FieldLayout;

/** The slot has its cache line for itself, wherever the reader lies in the heap. */
final class ReaderLayoutTest {
  private static final int LINE = 64;

  @Test
  void nothingThatIsWrittenIsWithinACacheLineOfTheSlot() {
    for (Class<?> kind : new Class<?>[] {AsymmetricReader.class, FencedReader.class}) {
      ClassLayout layout = ClassLayout.parseClass(kind);
      long slot = offset(layout, "slot");
      assertThat(slot).isGreaterThanOrEqualTo(LINE);
      assertThat(layout.instanceSize() - slot - Long.BYTES).isGreaterThanOrEqualTo(LINE - 8);
      // Read by every enter and written once.
      assertThat(offset(layout, "periods")).isPositive();
    }
  }

  private static long offset(ClassLayout layout, String name) {
    for (FieldLayout field : layout.fields()) {
      if (field.name().equals(name)) {
        return field.offset();
      }
    }
    throw new AssertionError(name);
  }
}
