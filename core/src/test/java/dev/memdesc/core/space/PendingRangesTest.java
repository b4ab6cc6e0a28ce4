package dev.memdesc.core.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.spi.Invalidator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingRangesTest {
  private static final Invalidator NOBODY =
      new Invalidator() {
        @Override
        public void invalidate(long first, long last, long leafSizes, boolean tables) {
          throw new AssertionError("nothing is told");
        }

        @Override
        public void invalidateAll() {
          throw new AssertionError("nothing is told");
        }

        @Override
        public void complete() {
          throw new AssertionError("nothing is told");
        }
      };

  private final List<String> told = new ArrayList<>();
  private boolean fails;

  private final PendingRanges ranges =
      new PendingRanges(
          new Invalidator() {
            @Override
            public void invalidate(long first, long last, long leafSizes, boolean tables) {
              told.add("%x-%x sizes=%x%s".formatted(first, last, leafSizes, tables ? " +" : ""));
            }

            @Override
            public void invalidateAll() {
              told.add("all");
            }

            @Override
            public void complete() {
              told.add("complete");
              if (fails) {
                throw new IllegalStateException("no answer");
              }
            }
          });

  @Test
  void nothingIsToldWhenThereIsNothing() {
    ranges.complete();
    assertThat(told).isEmpty();
  }

  @Test
  void rangesThatFollowEachOtherAreOne() {
    ranges.add(0x1000, 0x1FFF, 0x1000, false);
    ranges.add(0x2000, 0x2FFF, 0x1000, false);
    ranges.add(0x0, 0xFFF, 0x200000, true);
    ranges.add(0x1800, 0x1FFF, 0x1000, false);
    ranges.add(0x4000, 0x4FFF, 0x1000, false);
    ranges.complete();
    assertThat(told).containsExactly("0-2fff sizes=201000 +", "4000-4fff sizes=1000", "complete");
    ranges.complete();
    assertThat(told).hasSize(3);
  }

  @Test
  void whatIsMovedIsToldByTheOtherListAndOnlyThere() {
    PendingRanges other = new PendingRanges(NOBODY);
    other.add(0x1000, 0x1FFF, 0x1000, true);
    other.add(0x8000, 0x8FFF, 0, false);
    ranges.add(0x4000, 0x4FFF, 0x1000, false);
    other.moveTo(ranges);
    assertThat(other.isEmpty()).isTrue();
    ranges.complete();
    assertThat(told)
        .containsExactly(
            "4000-4fff sizes=1000", "1000-1fff sizes=1000 +", "8000-8fff sizes=0", "complete");
  }

  @Test
  void moreThanOneListHoldsIsEverything() {
    PendingRanges other = new PendingRanges(NOBODY);
    for (long i = 0; i < PendingRanges.MOST; i++) {
      other.add(i << 20, i << 20 | 0xFFF, 0x1000, false);
      ranges.add(i << 20 | 0x8_0000, i << 20 | 0x8_0FFF, 0x1000, false);
    }
    other.moveTo(ranges);
    ranges.complete();
    assertThat(told).containsExactly("all", "complete");
    other.addEverything();
    other.moveTo(ranges);
    ranges.complete();
    assertThat(told).hasSize(4).endsWith("all", "complete");
  }

  @Test
  void theEndsOfTheAddressSpaceDoNotMeet() {
    ranges.add(-0x1000L, -1L, 0x1000, false);
    ranges.add(0, 0xFFF, 0, false);
    ranges.add(0x1000, 0x1FFF, 0x1000, false);
    ranges.complete();
    assertThat(told)
        .containsExactly(
            "fffffffffffff000-ffffffffffffffff sizes=1000", "0-1fff sizes=0", "complete");
  }

  @Test
  void tooManyAreEverything() {
    for (long i = 0; i < PendingRanges.MOST; i++) {
      ranges.add(i << 20, (i << 20) + 0xFFF, 0x1000, false);
    }
    ranges.complete();
    assertThat(told).hasSize(PendingRanges.MOST + 1).doesNotContain("all");
    told.clear();
    for (long i = 0; i <= PendingRanges.MOST; i++) {
      ranges.add(i << 20, (i << 20) + 0xFFF, 0x1000, i == PendingRanges.MOST - 1);
    }
    ranges.complete();
    assertThat(told).containsExactly("all", "complete");
    told.clear();
    ranges.add(0, 0xFFF, 0x1000, false);
    ranges.complete();
    assertThat(told)
        .as("the tables of the list before")
        .containsExactly("0-fff sizes=1000", "complete");
  }

  @Test
  void whatWasNotCompletedIsToldAgain() {
    fails = true;
    ranges.add(0, 0xFFF, 0x1000, true);
    assertThatThrownBy(ranges::complete).hasMessage("no answer");
    fails = false;
    ranges.complete();
    assertThat(told)
        .containsExactly("0-fff sizes=1000 +", "complete", "0-fff sizes=1000 +", "complete");
    assertThat(ranges.isEmpty()).isTrue();
  }
}
