package dev.memdesc.tck.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The queue that invalidations go through, as flushes of gathers see it. */
final class QueueChecks {
  private static final int ROUNDS = 2;
  private static final int MOST_FLUSHES = 1 << 21;
  private static final int MOST_THREADS = 600;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int RANGES = 30;

  private QueueChecks() {}

  static void addTo(Map<String, Consumer<UnitRig>> checks) {
    checks.put("the queue wraps", QueueChecks::wraps);
    checks.put("a full queue is waited for, and nothing is lost", QueueChecks::fills);
    checks.put("a command that is refused is replaced by more", QueueChecks::refuses);
  }

  private static void flushOne(IommuDomain domain, long iova) {
    long frame = domain.format().frameBytes();
    try (Gather gather = domain.gather()) {
      domain.map(iova, 0, frame, UnitRig.RW, gather);
      domain.unmap(iova, frame, gather);
    }
  }

  private static void wraps(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("wrapping");
      domain.attach(UnitChecks.DEVICE);
      long flushes = 0;
      long completions = rig.model.completions();
      while (iommu.commands().wraps() < ROUNDS) {
        flushOne(domain, (flushes & 7) * domain.format().frameBytes());
        flushes++;
        assertThat(flushes).as("flushes until the queue wraps").isLessThan(MOST_FLUSHES);
      }
      assertThat(rig.model.completions() - completions).isGreaterThanOrEqualTo(flushes);
      assertThat(rig.model.invalidations()).isGreaterThanOrEqualTo(flushes);
      assertThat(iommu.commands().errors()).isZero();
    }
  }

  /** Ranges that do not join, unmapped and flushed; each gather has a domain of its own. */
  private static void flushMany(IommuDomain domain) {
    long frame = domain.format().frameBytes();
    try (Gather gather = domain.gather()) {
      for (int i = 0; i < RANGES; i++) {
        domain.map(2L * i * frame, 0, frame, UnitRig.RW, gather);
        domain.unmap(2L * i * frame, frame, gather);
      }
    }
  }

  private static void fills(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      rig.model.pause();
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      try {
        long begin = System.nanoTime();
        while (iommu.commands().fullWaits() == 0) {
          if (threads.size() == MOST_THREADS) {
            // They have begun, but on a busy machine they have not got to the queue yet.
            assertThat(System.nanoTime() - begin)
                .as("the queue is full of the commands of %d threads", MOST_THREADS)
                .isLessThan(PATIENCE.toNanos());
            sleep();
            continue;
          }
          IommuDomain domain = iommu.newDomain("one of many");
          threads.add(
              Thread.ofVirtual()
                  .start(
                      () -> {
                        try {
                          flushMany(domain);
                        } catch (RuntimeException | Error e) {
                          failures.add(e);
                        }
                      }));
          if (threads.size() % 8 == 0) {
            sleep();
          }
        }
      } finally {
        rig.model.resume();
        join(threads);
      }
      assertThat(failures).isEmpty();
      assertThat(rig.model.completions()).isGreaterThanOrEqualTo(threads.size());
    }
  }

  private static void sleep() {
    try {
      TimeUnit.MILLISECONDS.sleep(2);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void refuses(UnitRig rig) {
    try (Iommu iommu = rig.open()) {
      IommuDomain domain = iommu.newDomain("refused");
      domain.attach(UnitChecks.DEVICE);
      for (int i = 1; i <= 3; i++) {
        long invalidations = rig.model.invalidations();
        long completions = rig.model.completions();
        rig.model.refuseNext();
        flushOne(domain, 0);
        assertThat(iommu.commands().errors()).isEqualTo(i);
        assertThat(rig.model.invalidations()).as("forgets more").isGreaterThan(invalidations);
        assertThat(rig.model.completions()).isGreaterThan(completions);
        flushOne(domain, 0);
      }
    }
  }
}
