package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who else may count what is queued, while the thread that runs it goes to sleep. */
@Timeout(600)
final class CallbackQueueTest {
  private final AtomicInteger ran = new AtomicInteger();

  @Test
  void whatAnotherThreadHasAbsorbedIsStillWork() {
    CallbackQueue queue = new CallbackQueue(e -> {});
    RcuHead head = new Counted();
    assertThat(HeadLinks.claim(head)).isTrue();
    assertThat(queue.push(head)).isEqualTo(CallbackQueue.Push.FIRST);
    queue.absorb();
    assertThat(queue.hasWork()).isTrue();
    assertThat(queue.tryClose()).as("closed with work left").isFalse();
    queue.begin(queue.take());
    assertThat(queue.run()).isEqualTo(1);
    assertThat(queue.hasWork()).isFalse();
    assertThat(queue.tryClose()).isTrue();
    assertThat(queue.push(head)).isEqualTo(CallbackQueue.Push.REFUSED_CLOSED);
  }

  @Test
  void statisticsThatAreAskedAllTheTimeKeepNoCallbackFromRunning() throws Exception {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open(RcuOptions.DEFAULT.withLinger(Duration.ZERO));
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    assertThat(rcu.statistics().backlog()).isNotNegative();
                  }
                });
    for (int i = 0; i < 20_000; i++) {
      rcu.call(new Counted());
      rcu.barrier();
    }
    asking.interrupt();
    asking.join();
    rcu.close();
    assertThat(ran).hasValue(20_000);
  }

  private final class Counted extends RcuHead {
    @Override
    protected void reclaim() {
      ran.incrementAndGet();
    }
  }
}
