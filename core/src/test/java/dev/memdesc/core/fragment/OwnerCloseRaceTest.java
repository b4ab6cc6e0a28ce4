package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** An owner that is closed while another thread allocates for it leaves nothing behind. */
final class OwnerCloseRaceTest {
  private static final int ROUNDS = 20_000;

  @Test
  void whatIsAllocatedWhileTheOwnerClosesIsRefusedOrFreedLater() throws InterruptedException {
    try (ShapedMachine machine = new ShapedMachine(ShapedFormats.S390, new DeterministicRcu())) {
      AtomicReference<ShapedMachine.Owner> current = new AtomicReference<>();
      Phaser both = new Phaser(2);
      long[] got = new long[1];
      Thread other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < ROUNDS; round++) {
                      both.arriveAndAwaitAdvance();
                      got[0] += allocateAndFree(machine, current.get());
                      both.arriveAndAwaitAdvance();
                    }
                  });
      for (int round = 0; round < ROUNDS; round++) {
        ShapedMachine.Owner owner =
            new ShapedMachine.Owner(machine.format, "owner of round " + round);
        current.set(owner);
        both.arriveAndAwaitAdvance();
        for (int spins = round % 64; spins > 0; spins--) {
          Thread.onSpinWait();
        }
        machine.tables.close(owner);
        both.arriveAndAwaitAdvance();
        assertThat(owner.account().isZero()).isTrue();
        assertThat(machine.allocator.allocatedBytes()).as("round %d", round).isZero();
      }
      other.join();
      assertThat(got[0]).as("tables that were handed out").isPositive();
    }
  }

  private static int allocateAndFree(ShapedMachine machine, ShapedMachine.Owner owner) {
    int got = 0;
    try {
      for (int i = 0; i < 5; i++) {
        TableDescriptor table = machine.allocate(owner, 0);
        got++;
        machine.tables.free(table);
      }
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    }
    return got;
  }
}
