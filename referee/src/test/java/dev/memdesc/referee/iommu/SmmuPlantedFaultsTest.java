package dev.memdesc.referee.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.smmu.SmmuSetting;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong on purpose with an SMMUv3 must be noticed, or the referee proves nothing. */
final class SmmuPlantedFaultsTest {
  private static final SmmuSetting SETTING = SmmuSetting.STAGE_ONE;
  private static final int DEVICES = 6;
  private static final int ROUNDS = 8;
  private static final int CMDQ_BASE = 0x90;
  private static final int CMDQ_PROD = 0x98;
  private static final long TLBI_NH_VA = 0x12;
  private static final int ASID_SHIFT = 48;

  @BeforeEach
  void needed() {
    QemuNeeded.check();
  }

  private static UnitRing ring(BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    return new UnitRing(
        BackendRegistry.discover(null),
        "arm-smmu",
        SETTING,
        SETTING.qemu().orElseThrow(),
        DEVICES,
        3,
        between);
  }

  private static long mismatches(DmaBout bout) {
    return SETTING.formats().stream()
        .mapToLong(format -> bout.score().tally(format).mismatches.size())
        .sum();
  }

  private static long play(BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    try (UnitRing ring = ring(between);
        DmaBout bout = new DmaBout(ring, SETTING, new SplittableRandom(5))) {
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

  /** Valid, page or table, read only, and bits of the pa, in the items that lead to pages. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 16, 20, 36})
  void aFlippedBitIsNoticed(int bit) {
    try (UnitRing ring = ring((ram, registers) -> registers);
        DmaBout bout = new DmaBout(ring, SETTING, new SplittableRandom(5))) {
      bout.round();
      assertThat(mismatches(bout)).isZero();
      List<Long> items = bout.items(0);
      assertThat(items).isNotEmpty();
      items.forEach(pa -> ring.ram().store(pa, ring.ram().load(pa) ^ 1L << bit));
      for (int round = 0; round < ROUNDS; round++) {
        bout.probeOnly();
      }
      assertThat(mismatches(bout)).as("bit %d", bit).isPositive();
      items.forEach(pa -> ring.ram().store(pa, ring.ram().load(pa) ^ 1L << bit));
    }
  }

  /** Changes the words of TLBI_NH_VA when they are published. */
  private static BiFunction<GuestRam, UnitRegisters, UnitRegisters> spoil(
      LongUnaryOperator word0, LongUnaryOperator word1) {
    return (ram, registers) -> new Spoiler(ram, registers, word0, word1);
  }

  private static final class Spoiler implements UnitRegisters {
    private static final long ADDRESS = 0x000F_FFFF_FFFF_FFE0L;

    private final GuestRam ram;
    private final UnitRegisters unit;
    private final LongUnaryOperator word0;
    private final LongUnaryOperator word1;
    private long base;
    private long seen;

    Spoiler(GuestRam ram, UnitRegisters unit, LongUnaryOperator word0, LongUnaryOperator word1) {
      this.ram = ram;
      this.unit = unit;
      this.word0 = word0;
      this.word1 = word1;
    }

    @Override
    public long read32(int offset) {
      return unit.read32(offset);
    }

    @Override
    public long read64(int offset) {
      return unit.read64(offset);
    }

    @Override
    public void write32(int offset, long value) {
      if (offset == CMDQ_PROD) {
        long lg2 = base & 0x1F;
        for (; seen != value; seen = (seen + 1) & ((2L << lg2) - 1)) {
          long at = (base & ADDRESS) + ((seen & ((1L << lg2) - 1)) << 4);
          if ((ram.load(at) & 0xFF) == TLBI_NH_VA) {
            ram.store(at, word0.applyAsLong(ram.load(at)));
            ram.store(at + 8, word1.applyAsLong(ram.load(at + 8)));
          }
        }
      }
      unit.write32(offset, value);
    }

    @Override
    public void write64(int offset, long value) {
      if (offset == CMDQ_BASE) {
        base = value;
      }
      unit.write64(offset, value);
    }
  }

  @Test
  void anInvalidationOfAnotherDomainIsNoticed() {
    assertThat(play(spoil(word -> word ^ 1L << ASID_SHIFT, word -> word))).isPositive();
  }

  @Test
  void anInvalidationOfAnotherPageIsNoticed() {
    assertThat(play(spoil(word -> word, word -> word ^ 1L << 30))).isPositive();
  }
}
