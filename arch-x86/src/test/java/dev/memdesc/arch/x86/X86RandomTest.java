package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.tck.ReferenceMap;
import dev.memdesc.tck.TestMachine;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on every variant against a map that keeps every page by itself. */
final class X86RandomTest {
  private static final int OPERATIONS = 4000;
  private static final long WINDOW_PAGES = 3 << 18;

  @ParameterizedTest
  @ValueSource(strings = {"x86/4-level", "x86/5-level", "x86/4-level-pti"})
  void randomOperationsEqualAPlainMap(String name) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(name + " random operations: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    TestMachine machine = TestMachine.of(new X86Backend(), name);
    AddressSpace space = machine.space();
    // A window of 3 GiB around a place where upper tables meet.
    long base = (1L << 39) - ((WINDOW_PAGES / 2) << 12);
    ReferenceMap reference = new ReferenceMap(machine.format());
    int[] outcomes = new int[4];
    try (Gather gather = space.gather()) {
      for (int i = 0; i < OPERATIONS; i++) {
        long page = random.nextLong(WINDOW_PAGES);
        long pages = randomPages(random, WINDOW_PAGES - page);
        if (random.nextInt(3) == 0) {
          page &= -(1L << random.nextInt(19));
          pages = Math.min(pages, WINDOW_PAGES - page);
        }
        long va = base + (page << 12);
        long length = pages << 12;
        if (random.nextInt(100) < 55) {
          long pa = random.nextInt(4) > 0 ? va : (random.nextLong(1L << 30) << 12);
          outcomes[map(space, reference, va, pa, length, gather) ? 0 : 1]++;
        } else {
          outcomes[unmap(space, reference, va, length, gather) ? 2 : 3]++;
        }
        if (random.nextInt(50) == 0) {
          gather.flush();
          machine.checkValid(space);
        }
        long probe = base + random.nextLong(WINDOW_PAGES << 12);
        assertThat(space.translate(probe)).isEqualTo(reference.translate(probe));
      }
    }
    for (long page = 0; page < WINDOW_PAGES; page += 7) {
      long va = base + (page << 12);
      assertThat(space.translate(va)).isEqualTo(reference.translate(va));
    }
    assertThat(outcomes).as("every outcome was seen").doesNotContain(0);
    machine.checkAndClose();
  }

  private static long randomPages(SplittableRandom random, long most) {
    return 1 + random.nextLong(Math.min(most, 1L << random.nextInt(1, 20)));
  }

  private static boolean map(
      AddressSpace space, ReferenceMap reference, long va, long pa, long length, Gather gather) {
    boolean overlaps = reference.overlaps(va, length);
    try {
      space.map(va, pa, length, Attributes.USER_DATA, gather);
      assertThat(overlaps).isFalse();
      reference.map(va, pa, length);
      Mapping first = space.lookup(va).orElseThrow();
      int bestLg2 = ReferenceMap.bestLg2(new PageSizes(0x40201000L), va, pa, va + length - 1);
      // A table that was there before may force smaller leaves, never larger ones.
      assertThat(first.range().length()).isLessThanOrEqualTo(1L << bestLg2);
      return true;
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.ALREADY_MAPPED);
      assertThat(overlaps).isTrue();
      return false;
    }
  }

  private static boolean unmap(
      AddressSpace space, ReferenceMap reference, long va, long length, Gather gather) {
    boolean cuts = cuts(space.lookup(va), va, va + length - 1);
    cuts |= cuts(space.lookup(va + length - 1), va, va + length - 1);
    try {
      long bytes = space.unmap(va, length, gather);
      assertThat(cuts).isFalse();
      assertThat(bytes).isEqualTo(reference.unmap(va, length));
      return true;
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.CUTS_LARGE_LEAF);
      assertThat(cuts).isTrue();
      return false;
    }
  }

  private static boolean cuts(Optional<Mapping> mapping, long va, long last) {
    return mapping.isPresent()
        && (mapping.get().range().start() < va || mapping.get().range().last() > last);
  }
}
