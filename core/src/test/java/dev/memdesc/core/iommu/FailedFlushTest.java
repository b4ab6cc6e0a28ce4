package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.Reason;
import dev.memdesc.core.descriptor.StructureChecker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a flush that fails leaves is done by the next one, whichever gather it is of. */
class FailedFlushTest {
  private static final Attributes READ = Attributes.ofBits(0).with(Access.READ);

  private final UnitMachine machine =
      new UnitMachine(
          UnitFormats.granule("tiny/4k", 12), List.of(), UnitFormats.granule("fake-unit/4k", 12));
  private final IommuDomain domain = machine.open().newDomain("net");

  @AfterEach
  void close() {
    machine.close();
  }

  /** Maps and unmaps 2 MiB with a gather that is gone afterwards, while the unit is dead. */
  private void failAt(long iova) {
    assertThatThrownBy(
            () -> {
              try (Gather gather = domain.gather()) {
                machine.unit.dead = false;
                domain.map(iova, 0x10_0000, 0x2000, READ, gather);
                machine.unit.dead = true;
                domain.unmap(iova, 1 << 21, gather);
              }
            })
        .extracting("reason")
        .isEqualTo(Reason.TOOL);
  }

  private void revive() {
    machine.unit.dead = false;
    machine.unit.consume();
    machine.log();
  }

  @Test
  void theNextFlushOfAnyGatherDoesWhatAFailedOneLeft() {
    failAt(0);
    machine.settle();
    long waiting = domain.counts().allocatedBytes();
    revive();
    try (Gather other = domain.gather()) {
      other.flush();
      assertThat(machine.log()).containsExactly("1:0", "3:1");
      other.flush();
      assertThat(machine.log()).as("it is done once").isEmpty();
    }
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(waiting - 4096);
  }

  @Test
  void theNextMapWaitsForWhatAFailedFlushLeft() {
    failAt(0);
    try (Gather other = domain.gather()) {
      assertThatThrownBy(() -> domain.map(0, 0x20_0000, 0x1000, READ, other))
          .extracting("reason")
          .isEqualTo(Reason.TOOL);
      revive();
      domain.map(0, 0x20_0000, 0x1000, READ, other);
      assertThat(machine.log()).containsExactly("1:0", "3:1");
      domain.map(0x1000, 0x20_1000, 0x1000, READ, other);
      assertThat(machine.log()).as("a map tells nothing again").isEmpty();
    }
    assertThat(
            StructureChecker.check(domain, machine.memdesc.memory(), machine.memdesc.descriptors()))
        .isEmpty();
  }

  @Test
  void aMapDoesNotTrustAFlushThatIsStillWaiting() throws Exception {
    failAt(0);
    long before = machine.unit.tail;
    Gather other = domain.gather();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread flushing =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    other.flush();
                  } catch (RuntimeException e) {
                    thrown.set(e);
                  }
                });
    // It has taken what the domain kept, has told the unit, and waits.
    while (machine.unit.tail == before && flushing.isAlive()) {
      Thread.onSpinWait();
    }
    try (Gather gather = domain.gather()) {
      assertThatThrownBy(() -> domain.map(0, 0x20_0000, 0x1000, READ, gather))
          .extracting("reason")
          .isEqualTo(Reason.TOOL);
      flushing.join();
      assertThat(thrown.get()).extracting("reason").isEqualTo(Reason.TOOL);
      revive();
      domain.map(0, 0x20_0000, 0x1000, READ, gather);
      assertThat(machine.log()).isNotEmpty();
      domain.map(0x1000, 0x20_1000, 0x1000, READ, gather);
      assertThat(machine.log()).as("it is done once").isEmpty();
    }
  }

  @Test
  void aDomainThatCannotBeClosedKeepsItsTablesAndFreesThemLater() {
    failAt(0);
    failAt0Again();
    machine.settle();
    long held = domain.counts().allocatedBytes();
    assertThat(held).isPositive();
    assertThatThrownBy(domain::close).extracting("reason").isEqualTo(Reason.TOOL);
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(held);
    revive();
    domain.close();
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isZero();
  }

  private void failAt0Again() {
    try (Gather gather = domain.gather()) {
      assertThatThrownBy(gather::flush).extracting("reason").isEqualTo(Reason.TOOL);
      machine.unit.dead = false;
      machine.unit.consume();
    }
    failAt(0);
  }

  @Test
  void aFailedMapForgetsWhatItHookedBeforeItReturns() {
    try (Gather gather = domain.gather()) {
      domain.map(0x20_0000, 0, 0x1000, READ, gather);
      machine.allocator.failNth(2);
      assertThatThrownBy(() -> domain.map(0x1FF000L, 0, 1L << 31, READ, gather))
          .extracting("reason")
          .isIn(Reason.ALREADY_MAPPED, Reason.OUT_OF_MEMORY);
      machine.allocator.failNth(Long.MAX_VALUE);
      assertThat(machine.log()).as("before the next map").containsExactly("1:1ff000", "3:1");
      domain.map(0x1FF000L, 0, 0x1000, READ, gather);
    }
  }

  @Test
  void aMapInTheSpanOfAFailedOneInvalidatesFirstIfTheUnitDidNotAnswerThen() {
    try (Gather gather = domain.gather()) {
      domain.map(0x20_0000, 0, 0x1000, READ, gather);
      machine.unit.dead = true;
      machine.allocator.failNth(2);
      assertThatThrownBy(() -> domain.map(0x1FF000L, 0, 1L << 31, READ, gather))
          .extracting("reason")
          .isIn(Reason.ALREADY_MAPPED, Reason.OUT_OF_MEMORY);
      machine.allocator.failNth(Long.MAX_VALUE);
      revive();
      domain.map(0x1FF000L, 0, 0x1000, READ, PageSizes.ANY, gather);
      assertThat(machine.log()).containsExactly("1:1ff000", "3:1");
    }
  }

  @Test
  void gathersOfTwoThreadsThatFailTogetherLoseNothing() throws Exception {
    int threads = 4;
    List<Gather> gathers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Gather gather = domain.gather();
      gathers.add(gather);
      domain.map((long) i << 22, 0x10_0000, 0x1000, READ, gather);
      domain.unmap((long) i << 22, 1 << 21, gather);
    }
    machine.settle();
    long held = domain.counts().allocatedBytes();
    machine.unit.dead = true;
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> flushing = new ArrayList<>();
    for (Gather gather : gathers) {
      flushing.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      begin.await();
                      gather.close();
                    } catch (Exception expected) {
                      // The unit is dead.
                    }
                  }));
    }
    begin.countDown();
    for (Thread thread : flushing) {
      assertThat(thread.join(Duration.ofMinutes(1))).isTrue();
    }
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(held);
    revive();
    try (Gather gather = domain.gather()) {
      gather.flush();
    }
    assertThat(machine.log()).contains("1:0", "1:400000", "1:800000", "1:c00000");
    machine.settle();
    assertThat(domain.counts().allocatedBytes()).isEqualTo(held - threads * 4096L);
  }
}
