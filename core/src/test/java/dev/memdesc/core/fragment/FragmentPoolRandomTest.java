package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One thread does anything in any order, beside a model that remembers every fragment. */
final class FragmentPoolRandomTest {
  private static final int STEPS = 20_000;
  private static final int HANDLES = 3;

  private enum State {
    OUT,
    WAITS,
    WAITS_LONGER
  }

  private final long seed = Long.getLong("memdesc.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Map<Long, State> model = new HashMap<>();
  private final List<Long> out = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "2, NEWEST_FIRST",
    "3, FULLEST_FIRST",
    "16, NEWEST_FIRST",
    "64, FULLEST_FIRST",
    "65, NEWEST_FIRST",
    "256, FULLEST_FIRST",
    "4096, NEWEST_FIRST"
  })
  void thePoolDoesWhatAMapOfFragmentsDoes(int n, PageChoice choice) {
    System.out.printf("fragments n=%d: -Dmemdesc.seed=%d%n", n, seed);
    int frameLg2 = Integer.SIZE - Integer.numberOfLeadingZeros(16 * n - 1);
    int frames = 20_000 / n + 16;
    FragmentLayout layout = FragmentLayout.of(16, 16 * n).filledWith(0x20).choosing(choice);
    PoolMachine machine = new PoolMachine(frames, frameLg2, layout);
    FragmentHandle[] handles = new FragmentHandle[HANDLES];
    for (int i = 0; i < HANDLES; i++) {
      handles[i] = machine.pool.register();
    }
    for (int step = 0; step < STEPS; step++) {
      // Grows and shrinks in turns, so that pages go back.
      boolean grow = random.nextInt(100) < (step / 2000 % 2 == 0 ? 65 : 35);
      int h = random.nextInt(HANDLES + 1);
      if (random.nextInt(50) == 0) {
        maintain(machine, handles, random.nextInt(HANDLES));
      } else if (grow) {
        allocated(machine, h < HANDLES ? handles[h].allocate() : machine.pool.allocate());
      } else if (!out.isEmpty()) {
        free(machine, h < HANDLES ? handles[h] : null);
      }
      if (step % 500 == 0) {
        check(machine);
      }
    }
    check(machine);
    out.forEach(machine.pool::freeDeferred);
    for (FragmentHandle handle : handles) {
      handle.close();
    }
    machine.checkNothingLeft();
  }

  private void allocated(PoolMachine machine, long pa) {
    assertThat(model.put(pa, State.OUT)).as("0x%x was free", pa).isNull();
    assertThat(machine.memory.loadAcquire(pa)).isEqualTo(0x20);
    assertThat(machine.memory.loadAcquire(pa + 8)).isEqualTo(0x20);
    if (random.nextBoolean()) {
      machine.memory.storeRelease(pa + 8, pa);
    }
    out.add(pa);
  }

  private void free(PoolMachine machine, @Nullable FragmentHandle handle) {
    int at = random.nextInt(out.size());
    long pa = out.set(at, out.getLast());
    out.removeLast();
    boolean empty = machine.memory.loadAcquire(pa + 8) == 0x20;
    switch (random.nextInt(3)) {
      case 0 -> {
        model.remove(pa);
        if (handle == null) {
          machine.pool.free(pa);
        } else {
          handle.free(pa);
        }
      }
      case 1 -> {
        model.remove(pa);
        if (!empty) {
          machine.pool.free(pa);
        } else if (handle == null) {
          machine.pool.freeEmpty(pa);
        } else {
          handle.freeEmpty(pa);
        }
      }
      default -> {
        model.put(pa, State.WAITS);
        if (empty) {
          machine.pool.freeEmptyDeferred(pa);
        } else {
          machine.pool.freeDeferred(pa);
        }
      }
    }
  }

  private void maintain(PoolMachine machine, FragmentHandle[] handles, int h) {
    switch (random.nextInt(4)) {
      case 0 -> machine.pool.trim();
      case 1 -> {
        handles[h].close();
        handles[h] = machine.pool.register();
      }
      default -> {
        machine.pass();
        // What was freed before the grace period began is free now, or after the next one.
        model.replaceAll((pa, state) -> state == State.WAITS ? State.WAITS_LONGER : state);
        model.entrySet().removeIf(e -> e.getValue() == State.WAITS_LONGER && isFree(machine, e));
      }
    }
  }

  private static boolean isFree(PoolMachine machine, Map.Entry<Long, State> entry) {
    if (!(machine.descriptors.get(entry.getKey()) instanceof Page page)) {
      return true;
    }
    int index = machine.pool.indexOf(page, entry.getKey());
    long waiting = page.mask(Page.CURRENT, index >>> 6) | page.mask(Page.NEXT, index >>> 6);
    return (waiting >>> index & 1) == 0;
  }

  private void check(PoolMachine machine) {
    assertThat(
            PoolChecker.check(
                machine.pool,
                machine.descriptors,
                machine.memory.bytes(),
                machine.memory.frameLg2(),
                machine.rcu.statistics().backlog()))
        .isEmpty();
  }
}
