package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.api.io.TempDir;

/** What every kind of memory owes to those who use it as {@link HardwareMemory}. */
final class HardwareMemoryTest {
  private static final long BYTES = 1 << 20;

  @TempDir Path folder;

  private List<DynamicTest> eachKind(ThrowingConsumer<HardwareMemory> test) {
    return List.of(
        DynamicTest.dynamicTest(
            "heap", () -> test.accept(new HeapMemory((int) (BYTES >>> 12), 12))),
        DynamicTest.dynamicTest(
            "anonymous",
            () -> {
              try (PhysicalMemory memory = PhysicalMemory.anonymous(0x10_0000, BYTES, 12)) {
                test.accept(memory);
              }
            }),
        DynamicTest.dynamicTest(
            "shared",
            () -> {
              Path file = folder.resolve("ram");
              try (PhysicalMemory memory = PhysicalMemory.shared(file, 0x4000_0000, BYTES, 12)) {
                test.accept(memory);
              }
            }));
  }

  @TestFactory
  List<DynamicTest> newMemoryIsZero() {
    return eachKind(
        memory -> {
          assertThat(memory.bytes()).isEqualTo(BYTES);
          assertThat(memory.frameLg2()).isEqualTo(12);
          for (long pa = memory.firstPa(); pa < memory.firstPa() + BYTES; pa += 8) {
            assertThat(memory.loadAcquire(pa)).isZero();
          }
        });
  }

  @TestFactory
  List<DynamicTest> aWordIsReadWhereItWasStoredAndNowhereElse() {
    return eachKind(
        memory -> {
          for (long offset : new long[] {0, 8, 0x1000, BYTES - 8}) {
            long pa = memory.firstPa() + offset;
            memory.storeRelease(pa, ~pa);
            assertThat(memory.loadAcquire(pa)).isEqualTo(~pa);
          }
          assertThat(memory.loadAcquire(memory.firstPa() + 16)).isZero();
          assertThat(memory.loadAcquire(memory.firstPa() + 0xff8)).isZero();
          assertThat(memory.loadAcquire(memory.firstPa() + 0x1008)).isZero();
        });
  }

  @TestFactory
  List<DynamicTest> fillFillsExactlyItsRange() {
    return eachKind(
        memory -> {
          long pa = memory.firstPa() + 0x3008;
          long length = (3 << 16) + 40; // more than the pieces in which zeros are copied
          long word = 0x0123_4567_89ab_cdefL;
          memory.fill(pa, length, word);
          checkFilled(memory, pa, length, word, 0);
          memory.fill(memory.firstPa(), BYTES, -1L);
          memory.fill(pa, length, 0);
          checkFilled(memory, pa, length, 0, -1L);
          memory.fill(pa, 0, 5);
          checkFilled(memory, pa, length, 0, -1L);
        });
  }

  private static void checkFilled(
      HardwareMemory memory, long start, long length, long inside, long outside) {
    for (long pa = memory.firstPa(); pa < memory.firstPa() + BYTES; pa += 8) {
      boolean in = pa >= start && pa < start + length;
      if (memory.loadAcquire(pa) != (in ? inside : outside)) {
        assertThat(Hex.of(memory.loadAcquire(pa))).as("word at %s", Hex.of(pa)).isEqualTo("filled");
      }
    }
  }

  @TestFactory
  List<DynamicTest> whatLiesOutsideOrBetweenWordsIsForeign() {
    return eachKind(
        memory -> {
          long first = memory.firstPa();
          long[] outside = {
            first - 8,
            first + BYTES,
            first + BYTES + 0x1000,
            -8L,
            Long.MIN_VALUE,
            Long.MAX_VALUE & -8
          };
          for (long pa : outside) {
            foreign(memory, pa, () -> memory.loadAcquire(pa));
            foreign(memory, pa, () -> memory.storeRelease(pa, 1));
            foreign(memory, pa, () -> memory.fill(pa, 8, 1));
          }
          for (long pa = first + 1; pa < first + 8; pa++) {
            long odd = pa;
            foreign(memory, odd, () -> memory.loadAcquire(odd));
            foreign(memory, odd, () -> memory.storeRelease(odd, 1));
            foreign(memory, odd, () -> memory.fill(odd, 8, 1));
          }
          long last = first + BYTES - 8;
          for (long length : new long[] {16, BYTES, Long.MAX_VALUE & -8, 1L << 35, -8L}) {
            foreign(memory, last, () -> memory.fill(last, length, 1));
            foreign(memory, last, () -> memory.fill(last, length, 0));
          }
          for (long pa = first; pa < first + BYTES; pa += 8) {
            assertThat(memory.loadAcquire(pa)).as("nothing was written").isZero();
          }
        });
  }

  private static void foreign(HardwareMemory memory, long pa, Runnable access) {
    PageTableException e = catchThrowableOfType(PageTableException.class, access::run);
    assertThat(e).as("access at %s", Hex.of(pa)).isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.FOREIGN);
    assertThat(e)
        .hasMessageStartingWith("a pa lies in physical memory and is a multiple of 8: pa=")
        .hasMessageContaining("pa=" + Hex.of(pa))
        .hasMessageEndingWith("lastPa=" + Hex.of(memory.firstPa() + memory.bytes() - 1));
  }
}
