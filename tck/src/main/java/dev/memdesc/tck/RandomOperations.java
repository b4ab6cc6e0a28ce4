package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Random maps and unmaps of a window, of all lengths, aligned and not, each compared with a {@link
 * ReferenceMap}: whether it is refused, what it returns, and what is translated after it.
 */
public final class RandomOperations {
  /** The system property with which a run is repeated. */
  public static final String SEED_PROPERTY = "memdesc.seed";

  private static final int WINDOW_PAGES = 3 << 18;

  private final TestMachine machine;
  private final AddressSpace space;
  private final ReferenceMap reference;
  private final SplittableRandom random;
  private final int frameLg2;
  private final long base;
  private final long[] outcomes = new long[4];

  private RandomOperations(TestMachine machine, long base, long seed) {
    this.machine = machine;
    this.space = machine.space();
    this.reference = new ReferenceMap(machine.format(), base, WINDOW_PAGES);
    this.random = new SplittableRandom(seed);
    this.frameLg2 = machine.format().frameLg2();
    this.base = base;
  }

  /**
   * Runs operations on a window of {@value #WINDOW_PAGES} pages around {@code middle}; prints its
   * seed.
   *
   * @param middle a multiple of the largest leaf, best where upper tables meet
   */
  public static void run(TestMachine machine, long middle, int operations) {
    long seed = Long.getLong(SEED_PROPERTY, System.nanoTime());
    System.out.println(
        machine.format() + ": " + operations + " random operations, -Dmemdesc.seed=" + seed);
    long base = middle - ((long) (WINDOW_PAGES / 2) << machine.format().frameLg2());
    new RandomOperations(machine, base, seed).run(operations);
  }

  private void run(int operations) {
    try (Gather gather = space.gather()) {
      for (int i = 0; i < operations; i++) {
        step(gather);
        if (i % (operations / 20) == 0) {
          gather.flush();
          machine.checkValid(space);
        }
        long probe = base + random.nextLong((long) WINDOW_PAGES << frameLg2);
        check(
            probe,
            space.translate(probe, machine.reader()) == reference.translate(probe),
            "a translation");
      }
    }
    for (long page = 0; page < WINDOW_PAGES; page++) {
      long va = base + (page << frameLg2);
      check(
          va,
          space.translate(va, machine.reader()) == reference.translate(va),
          "a translation at the end");
    }
    // Nothing is cut where all leaves have one size.
    boolean oneSize = Long.bitCount(machine.format().leafSizes().bitmap()) == 1;
    assertThat(outcomes[3] == 0).as("unmaps that cut a leaf: %s", outcomes[3]).isEqualTo(oneSize);
    assertThat(Arrays.copyOf(outcomes, 3)).as("every outcome was seen").doesNotContain(0);
  }

  private void step(Gather gather) {
    long pages = randomPages();
    long page = random.nextLong(WINDOW_PAGES - pages + 1);
    if (random.nextInt(3) == 0) {
      page &= -Long.highestOneBit(pages);
    }
    long va = base + (page << frameLg2);
    long length = pages << frameLg2;
    if (random.nextInt(100) < 52) {
      long pa =
          random.nextInt(4) > 0 ? va & 0xFFF_FFFF_FFFFL : random.nextLong(1 << 20) << frameLg2;
      outcomes[map(va, pa, length, gather) ? 0 : 1]++;
    } else {
      outcomes[unmap(va, length, gather) ? 2 : 3]++;
    }
  }

  /** Mostly few pages, sometimes more than a table's, seldom more than a large leaf's. */
  private long randomPages() {
    int dice = random.nextInt(1000);
    int mostLg2 = dice < 900 ? 4 : dice < 995 ? 11 : 19;
    return 1 + random.nextLong(1L << random.nextInt(mostLg2 + 1));
  }

  private boolean map(long va, long pa, long length, Gather gather) {
    boolean overlaps = reference.overlaps(va, length);
    try {
      space.map(va, pa, length, Attributes.USER_DATA, gather);
    } catch (PageTableException e) {
      check(va, e.reason() == Reason.ALREADY_MAPPED && overlaps, e.toString());
      return false;
    }
    check(va, !overlaps, "a map that overlaps");
    reference.map(va, pa, length);
    int bestLg2 = ReferenceMap.bestLg2(machine.format().leafSizes(), va, pa, va + length - 1);
    // A table that was there before may force smaller leaves, never larger ones.
    long first = space.lookup(va, machine.reader()).orElseThrow().range().length();
    check(va, first <= 1L << bestLg2, "the size of the first leaf");
    return true;
  }

  private boolean unmap(long va, long length, Gather gather) {
    long last = va + length - 1;
    boolean cuts =
        cuts(space.lookup(va, machine.reader()), va, last)
            || cuts(space.lookup(last, machine.reader()), va, last);
    long bytes;
    try {
      bytes = space.unmap(va, length, gather);
    } catch (PageTableException e) {
      check(va, e.reason() == Reason.CUTS_LARGE_LEAF && cuts, e.toString());
      return false;
    }
    check(va, !cuts, "an unmap that cuts a leaf");
    check(va, bytes == reference.unmap(va, length), "the bytes that unmap returns");
    return true;
  }

  private static boolean cuts(Optional<Mapping> mapping, long va, long last) {
    return mapping.isPresent()
        && (Long.compareUnsigned(mapping.get().range().start(), va) < 0
            || Long.compareUnsigned(mapping.get().range().last(), last) > 0);
  }

  private static void check(long va, boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("differs from the plain map: va=" + Hex.of(va) + ", " + what);
    }
  }
}
