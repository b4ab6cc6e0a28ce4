package dev.memdesc.referee.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.intel.IntelSetting;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong on purpose must be noticed, or the referee proves nothing. */
final class PlantedFaultsTest {
  private static final int DEVICES = 6;
  private static final int ROUNDS = 12;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;

  @BeforeEach
  void needed() {
    QemuNeeded.check();
  }

  private static UnitRing ring(BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    IntelSetting setting = IntelSetting.LEGACY;
    return new UnitRing(
        BackendRegistry.discover(null),
        "intel",
        setting,
        setting.qemu().orElseThrow(),
        DEVICES,
        3,
        between);
  }

  private static long mismatches(DmaBout bout) {
    return IntelSetting.LEGACY.formats().stream()
        .mapToLong(format -> bout.score().tally(format).mismatches.size())
        .sum();
  }

  private static long play(BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    try (UnitRing ring = ring(between);
        DmaBout bout = new DmaBout(ring, IntelSetting.LEGACY, new SplittableRandom(5))) {
      for (int round = 0; round < ROUNDS; round++) {
        bout.round();
      }
      return mismatches(bout);
    }
  }

  @Test
  void nothingIsNoticedWhereNothingIsWrong() {
    assertThat(play((ram, registers) -> registers)).isZero();
  }

  /** R, W, and bits of the pa, in the item that leads to the page or to a table above it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 12, 20, 36, 50})
  void aFlippedBitIsNoticed(int bit) {
    for (int level = 0; level < 2; level++) {
      try (UnitRing ring = ring((ram, registers) -> registers);
          DmaBout bout = new DmaBout(ring, IntelSetting.LEGACY, new SplittableRandom(5))) {
        bout.round();
        assertThat(mismatches(bout)).isZero();
        List<Long> items = bout.items(level);
        assertThat(items).isNotEmpty();
        items.forEach(pa -> ring.ram().store(pa, ring.ram().load(pa) ^ 1L << bit));
        for (int round = 0; round < ROUNDS; round++) {
          bout.probeOnly();
        }
        assertThat(mismatches(bout)).as("bit %d at level %d", bit, level).isPositive();
        items.forEach(pa -> ring.ram().store(pa, ring.ram().load(pa) ^ 1L << bit));
      }
    }
  }

  /** Changes commands of the queue when they are published. */
  private static BiFunction<GuestRam, UnitRegisters, UnitRegisters> spoil(
      long type, LongUnaryOperator low, LongUnaryOperator high) {
    return (ram, registers) ->
        new UnitRegisters() {
          private long queue;
          private long seen;

          @Override
          public long read32(int offset) {
            return registers.read32(offset);
          }

          @Override
          public long read64(int offset) {
            return registers.read64(offset);
          }

          @Override
          public void write32(int offset, long value) {
            registers.write32(offset, value);
          }

          @Override
          public void write64(int offset, long value) {
            if (offset == IQA) {
              queue = value & -4096L;
            } else if (offset == IQT) {
              for (; seen != value; seen = (seen + 16) % 4096) {
                long word = ram.load(queue + seen);
                if ((word & 0x3F) == type) {
                  ram.store(queue + seen, low.applyAsLong(word));
                  ram.store(queue + seen + 8, high.applyAsLong(ram.load(queue + seen + 8)));
                }
              }
            }
            registers.write64(offset, value);
          }
        };
  }

  @Test
  void aMissingInvalidationIsNoticed() {
    // Pages of another domain than the one that is meant.
    assertThat(play(spoil(0x32, low -> low ^ 0x800_0000L, high -> high))).isPositive();
  }

  @Test
  void anInvalidationOfAnotherPageIsNoticed() {
    assertThat(play(spoil(0x32, low -> low, high -> high ^ 0x1000))).isPositive();
  }

  @Test
  void anInvalidationOfTooFewPagesIsNoticed() {
    assertThat(play(spoil(0x32, low -> low, high -> high & ~0x3FL))).isPositive();
  }

  @Test
  void aContextThatIsNotForgottenIsNoticed() {
    // Device-selective, for another device.
    assertThat(play(spoil(0x31, low -> low ^ 1L << 46, high -> high))).isPositive();
  }
}
