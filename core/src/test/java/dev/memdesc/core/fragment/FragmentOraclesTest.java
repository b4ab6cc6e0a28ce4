package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.DeterministicRcu;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that follow from the design and that other allocators miss. */
final class FragmentOraclesTest {
  private final DeterministicRcu rcu = new DeterministicRcu();

  private void pass() {
    rcu.advance();
    rcu.runCallbacks();
  }

  /**
   * 64 KiB frames with tables of 256 B, as POWER's radix tables have them. A bump pointer holds the
   * page until the last table goes and needs a new page for every table after the 256th.
   */
  @Test
  void tablesThatWereFreedAreUsedAgainAfterTwoGracePeriodsWithoutANewPage() {
    try (ShapedMachine machine = new ShapedMachine(ShapedFormats.RADIX_64K, rcu)) {
      ShapedMachine.Owner owner = machine.newOwner();
      List<TableDescriptor> tables = new ArrayList<>();
      for (int i = 0; i < 256; i++) {
        tables.add(machine.allocate(owner, 0));
      }
      assertThat(machine.allocator.allocatedBytes()).isEqualTo(65536);
      Set<Long> freed = new HashSet<>();
      for (TableDescriptor table : tables.subList(1, 256)) {
        machine.freeDeferred(table);
        freed.add(table.pa());
      }
      pass();
      pass();
      Set<Long> again = new HashSet<>();
      for (int i = 0; i < 255; i++) {
        again.add(machine.allocate(owner, 0).pa());
      }
      assertThat(again).isEqualTo(freed);
      assertThat(machine.allocator.allocatedBytes()).as("no new page").isEqualTo(65536);
      for (TableDescriptor table : tables) {
        machine.tables.free(table);
      }
    }
  }

  /** 1 GiB mapped densely on s390: 1024 tables of 2 KiB; a page for each takes 4096 KiB. */
  @Test
  void aDenseGibibyteOnS390Takes2048KiB() {
    try (ShapedMachine machine = new ShapedMachine(ShapedFormats.S390, rcu)) {
      ShapedMachine.Owner owner = machine.newOwner();
      List<TableDescriptor> tables = new ArrayList<>();
      for (int i = 0; i < 1024; i++) {
        tables.add(machine.allocate(owner, 0));
      }
      assertThat(machine.allocator.allocatedBytes()).isEqualTo(2048 << 10);
      assertThat(owner.account().snapshot().allocatedBytes()).isEqualTo(2048 << 10);
      tables.forEach(machine.tables::free);
    }
  }

  /** A tenth of the churn of {@code bench fragments}: the bound is the same. */
  @ParameterizedTest
  @CsvSource({
    "2, NEWEST_FIRST", "16, NEWEST_FIRST", "256, NEWEST_FIRST",
    "2, FULLEST_FIRST", "16, FULLEST_FIRST", "256, FULLEST_FIRST"
  })
  void steadyChurnTakesAtMostThreeHundredthsMoreThanIsLive(int n, PageChoice choice) {
    int live = 10_000;
    int pinned = 500;
    int steps = 100_000;
    int stepsPerGracePeriod = 100;
    SplittableRandom random = new SplittableRandom(1);
    try (PhysicalMemory memory = PhysicalMemory.anonymous(0, 1L << 30, 16)) {
      DescriptorMap descriptors = new DescriptorMap(memory);
      BuddyPageAllocator allocator = new BuddyPageAllocator(memory, descriptors, 1);
      MaskedFragmentPool pool =
          new MaskedFragmentPool(
              new FragmentParts(memory, allocator, descriptors, rcu),
              FragmentLayout.of(65536 / n, 65536).choosing(choice));
      long[] tables = new long[live];
      for (int i = 0; i < live; i++) {
        tables[i] = pool.allocate();
      }
      for (int i = 0; i < pinned; i++) {
        swap(tables, i, i + random.nextInt(live - i));
      }
      long most = 0;
      for (int step = 1; step <= steps; step++) {
        int at = random.nextInt(pinned, live);
        pool.freeDeferred(tables[at]);
        tables[at] = pool.allocate();
        if (step % stepsPerGracePeriod == 0) {
          pass();
        }
        most = Math.max(most, pool.counts().pageBytes());
      }
      double ratio = (double) most / ((long) live * (65536 / n));
      System.out.printf("churn n=%d %s: allocated / live = %.4f%n", n, choice, ratio);
      assertThat(ratio).isLessThanOrEqualTo(1.03);
      for (long table : tables) {
        pool.freeDeferred(table);
      }
      pool.close();
      // Some wait for the grace period after the next.
      pass();
      pass();
      assertThat(allocator.allocatedBytes()).isZero();
    }
  }

  private static void swap(long[] tables, int i, int j) {
    long table = tables[i];
    tables[i] = tables[j];
    tables[j] = table;
  }
}
