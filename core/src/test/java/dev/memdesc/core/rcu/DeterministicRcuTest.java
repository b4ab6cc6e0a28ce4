package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of Rcu, step by step, on the flavour that has no threads. */
final class DeterministicRcuTest {
  private final DeterministicRcu rcu = new DeterministicRcu();
  private final List<Long> reclaimed = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    rcu.close();
    assertThat(rcu.statistics().backlog()).isZero();
  }

  @Test
  void aHeadRunsAfterAGracePeriodAndNotBefore() {
    rcu.call(new Noted(1));
    assertThat(rcu.runCallbacks()).isZero();
    assertThat(rcu.advance()).isTrue();
    assertThat(reclaimed).isEmpty();
    assertThat(rcu.runCallbacks()).isEqualTo(1);
    assertThat(reclaimed).containsExactly(1L);
  }

  @Test
  void aSectionThatWasEnteredBeforeIsWaitedFor() {
    try (Reader reader = rcu.register()) {
      reader.enter();
      rcu.call(new Noted(1));
      assertThat(rcu.advance()).isFalse();
      reader.exit();
      assertThat(rcu.advance()).isTrue();
    }
  }

  @Test
  void aSectionThatWasEnteredLaterIsNotWaitedFor() {
    try (Reader first = rcu.register();
        Reader late = rcu.register()) {
      first.enter();
      assertThat(rcu.advance()).isFalse();
      late.enter();
      first.exit();
      assertThat(rcu.advance()).isTrue();
      late.exit();
    }
  }

  @Test
  void onlyTheOutermostSectionCounts() {
    try (Reader reader = rcu.register()) {
      reader.enter();
      reader.enter();
      reader.exit();
      assertThat(reader.isInside()).isTrue();
      assertThat(rcu.advance()).isFalse();
      reader.exit();
      assertThat(reader.isInside()).isFalse();
      assertThat(rcu.advance()).isTrue();
    }
  }

  @Test
  void whatIsQueuedWhileAGracePeriodRunsWaitsForTheNext() {
    try (Reader reader = rcu.register()) {
      reader.enter();
      assertThat(rcu.advance()).isFalse();
      rcu.call(new Noted(1));
      reader.exit();
      rcu.advance();
      rcu.runCallbacks();
      assertThat(reclaimed).isEmpty();
      rcu.advance();
      rcu.runCallbacks();
      assertThat(reclaimed).containsExactly(1L);
    }
  }

  @Test
  void aHeadMayBeQueuedAgainByItsOwnReclaim() {
    RcuHead[] twice = new RcuHead[1];
    twice[0] =
        new RcuHead() {
          @Override
          protected void reclaim() {
            reclaimed.add(1L);
            if (reclaimed.size() < 2) {
              rcu.call(twice[0]);
            }
          }
        };
    rcu.call(twice[0]);
    rcu.barrier();
    assertThat(rcu.statistics().backlog()).isEqualTo(1);
    rcu.barrier();
    assertThat(reclaimed).hasSize(2);
  }

  @Test
  void aHeadThatWaitsIsRefused() {
    RcuHead head = new Noted(7);
    rcu.call(head);
    assertThatThrownBy(() -> rcu.call(head))
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE))
        .hasMessage(
            "a head waits for one grace period at a time: head=noted 7, state=waiting,"
                + " needed=idle; call again when reclaim has begun");
    assertThat(rcu.statistics().queued()).isEqualTo(1);
  }

  @Test
  void valuesOfABatchAreReclaimedOnceEachWhenFlushed() {
    try (RcuBatch batch = rcu.batch(reclaimed::add)) {
      LongStream.range(0, 2500).forEach(batch::defer);
      assertThat(batch.size()).isEqualTo(2500 - 2 * DeferBatch.VALUES);
      assertThat(rcu.statistics().queued()).isEqualTo(2 * DeferBatch.VALUES);
      batch.flush();
      rcu.barrier();
      assertThat(reclaimed)
          .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 2500).boxed().toList());
    }
  }

  @Test
  void cookiesAreOverAfterAFullGracePeriodOnly() {
    try (Reader reader = rcu.register()) {
      reader.enter();
      rcu.advance();
      long cookie = rcu.cookie();
      reader.exit();
      assertThat(rcu.advance()).isTrue();
      assertThat(rcu.isOver(cookie)).isFalse();
      rcu.advance();
      assertThat(rcu.isOver(cookie)).isTrue();
    }
  }

  @Test
  void exitWithoutEnterIsRefused() {
    try (Reader reader = rcu.register()) {
      assertThatThrownBy(reader::exit)
          .hasMessage(
              "a section that ends has been entered: reader=%s, depth=0, needed=at least 1; pair"
                  + " every exit with one enter of the same reader",
              Thread.currentThread().getName());
      assertThat(reader.isInside()).isFalse();
    }
  }

  @Test
  void nothingWaitsForItself() {
    try (Reader reader = rcu.register()) {
      reader.enter();
      assertThatThrownBy(rcu::synchronize).hasMessageContaining("inside a read section");
      assertThatThrownBy(reader::close).hasMessageContaining("closed outside of any section");
      reader.exit();
    }
    rcu.call(
        new RcuHead() {
          @Override
          protected void reclaim() {
            rcu.synchronize();
          }
        });
    rcu.advance();
    assertThatThrownBy(rcu::runCallbacks).hasMessageContaining("inside a callback");
    assertThat(rcu.statistics().failures()).isEqualTo(1);
  }

  @Test
  void nestingHasABound() {
    try (Reader reader = rcu.register()) {
      for (int i = 0; i < 4095; i++) {
        reader.enter();
      }
      assertThatThrownBy(reader::enter).hasMessageContaining("at most 4095 deep");
      for (int i = 0; i < 4095; i++) {
        reader.exit();
      }
      assertThat(reader.isInside()).isFalse();
    }
  }

  @Test
  void closeRunsWhatIsQueuedAndThenRefuses() {
    rcu.call(new Noted(1));
    rcu.close();
    assertThat(reclaimed).containsExactly(1L);
    RcuHead late = new Noted(2);
    assertThatThrownBy(() -> rcu.call(late))
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    assertThatThrownBy(rcu::register).hasMessageContaining("before it is closed");
    assertThatThrownBy(rcu::synchronize).hasMessageContaining("before it is closed");
  }

  private final class Noted extends RcuHead {
    private final long number;

    Noted(long number) {
      this.number = number;
    }

    @Override
    protected void reclaim() {
      reclaimed.add(number);
    }

    @Override
    public String toString() {
      return "noted " + number;
    }
  }
}
