package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.tck.Subject.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Ranges of many leaves, compared with brute force. */
final class RangeChecks {
  private static final int RANGES = 1000;
  private static final long GIB = 1L << 30;

  private RangeChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("1000 random ranges equal a plain map", RangeChecks::randomRanges);
    checks.put(
        "a range takes the leaves that trying all sizes at each step finds", RangeChecks::mixed);
    checks.put("a range that ends just below a boundary", RangeChecks::boundary);
    checks.put("a step of 1 GiB for every size, and all of it again", RangeChecks::steps);
  }

  /** A generator whose seed is printed, and given by {@link RandomOperations#SEED_PROPERTY}. */
  static SplittableRandom random(Subject subject, String what) {
    long seed = Long.getLong(RandomOperations.SEED_PROPERTY, System.nanoTime());
    System.out.println(subject.format() + ", " + what + ": -Dmemdesc.seed=" + seed);
    return new SplittableRandom(seed);
  }

  private static void randomRanges(Subject subject) {
    SplittableRandom random = random(subject, "ranges");
    subject.with(
        (machine, space) -> {
          int pages = (int) (Math.min(GIB, subject.room()) / subject.frame());
          ReferenceMap reference = new ReferenceMap(subject.format(), subject.va(0), pages);
          List<long[]> mapped = new ArrayList<>();
          try (Gather gather = space.gather()) {
            for (int i = 0; i < RANGES; i++) {
              long[] range = range(random, subject, pages);
              long pa = random.nextBoolean() ? range[0] & (subject.room() - 1) : 0;
              if (tryMap(space, reference, range, pa & -subject.frame(), gather)) {
                mapped.add(range);
              }
            }
            machine.checkValid(space);
            equal(subject, machine, space, reference, pages);
            // Unmap half of what is there, exactly; and ranges that have nothing to do with it.
            for (int i = 0; i < mapped.size(); i += 2) {
              long[] range = mapped.get(i);
              assertThat(space.unmap(range[0], range[1], gather))
                  .isEqualTo(reference.unmap(range[0], range[1]));
            }
            gather.flush();
            for (int i = 0; i < RANGES / 4; i++) {
              long[] range = range(random, subject, pages);
              assertThat(space.unmap(range[0], range[1], CutLeaf.SPLIT, gather))
                  .isEqualTo(reference.unmap(range[0], range[1]));
            }
            equal(subject, machine, space, reference, pages);
            for (int i = 0; i < RANGES; i++) {
              tryMap(space, reference, range(random, subject, pages), 0, gather);
            }
          }
          equal(subject, machine, space, reference, pages);
        });
  }

  /** The va and length of a range in the window: mostly short. */
  private static long[] range(SplittableRandom random, Subject subject, int window) {
    int pages = 1 + random.nextInt(Math.min(window, 1 << random.nextInt(12)));
    int page = random.nextInt(window - pages + 1);
    return new long[] {subject.va((long) page * subject.frame()), (long) pages * subject.frame()};
  }

  private static boolean tryMap(
      AddressSpace space, ReferenceMap reference, long[] range, long pa, Gather gather) {
    boolean overlaps = reference.overlaps(range[0], range[1]);
    try {
      space.map(range[0], pa, range[1], Subject.RW, gather);
    } catch (PageTableException e) {
      assertThat(e.reason()).as(e.toString()).isEqualTo(Reason.ALREADY_MAPPED);
      assertThat(overlaps).as(e.toString()).isTrue();
      return false;
    }
    assertThat(overlaps).as("a map that overlaps").isFalse();
    reference.map(range[0], pa, range[1]);
    return true;
  }

  private static void equal(
      Subject subject, TestMachine machine, AddressSpace space, ReferenceMap reference, int pages) {
    for (int page = 0; page < pages; page++) {
      long va = subject.va((long) page * subject.frame());
      if (space.translate(va, machine.reader()) != reference.translate(va)) {
        throw new AssertionError("differs from the plain map: page=" + page);
      }
    }
  }

  private static void mixed(Subject subject) {
    // With 4K, 2M and 1G this is 14 of 2M, 3 of 1G and 3 of 2M.
    identity(subject, 0x3_FE40_0000L, 0x4_C060_0000L);
    identity(subject, subject.frame(), 0x4000_0000L + 3 * subject.frame());
  }

  private static void boundary(Subject subject) {
    identity(subject, 0xFEF8_0000L, 0xFEFA_0000L);
  }

  /** Maps {@code start..end} to itself and compares the leaves with the sizes that fit. */
  private static void identity(Subject subject, long start, long end) {
    if (end > subject.room() || end > subject.paEnd()) {
      return;
    }
    subject.with(
        (machine, space) -> {
          PageSizes sizes = subject.format().leafSizes();
          List<String> expected = new ArrayList<>();
          for (long at = start; at < end; ) {
            int sizeLg2 = ReferenceMap.bestLg2(sizes, subject.va(at), at, subject.va(end - 1));
            expected.add("%x by 2^%d".formatted(at, sizeLg2));
            at += 1L << sizeLg2;
          }
          machine.with(space, g -> space.map(subject.va(start), start, end - start, Subject.RW, g));
          List<String> found = new ArrayList<>();
          space.visit(
              new AddressRange(subject.va(start), subject.va(end - 1)),
              (range, pa, sizeLg2, attributes) -> {
                for (long at = 0; at < range.length(); at += 1L << sizeLg2) {
                  found.add("%x by 2^%d".formatted(pa + at, sizeLg2));
                }
              },
              machine.reader());
          assertThat(found).isEqualTo(expected);
          if (start == 0x3_FE40_0000L && sizes.equals(PageSizes.ofLg2(12, 21, 30))) {
            assertThat(found).hasSize(20);
          }
          machine.with(
              space,
              g ->
                  assertThat(space.unmap(subject.va(start), end - start, g))
                      .isEqualTo(end - start));
        });
  }

  private static void steps(Subject subject) {
    subject.with(
        (machine, space) -> {
          List<Place> places =
              subject.leaves().stream().filter(place -> place.leaf().sizeLg2() <= 30).toList();
          for (int round = 0; round < 2; round++) {
            for (int i = 0; i < places.size(); i++) {
              step(subject, machine, space, places.get(i), i * GIB);
            }
            for (int i = 0; i < places.size(); i++) {
              long at = i * GIB;
              long size = places.get(i).bytes();
              if (at + GIB <= subject.room()) {
                machine.with(
                    space, g -> assertThat(space.unmap(subject.va(at), size, g)).isEqualTo(size));
                assertThat(space.translate(subject.va(at) + 42, machine.reader()))
                    .isEqualTo(AddressSpace.NOT_MAPPED);
              }
            }
          }
        });
  }

  private static void step(
      Subject subject, TestMachine machine, AddressSpace space, Place place, long at) {
    if (at + GIB > subject.room()) {
      return;
    }
    PageSizes only = PageSizes.ofLg2(place.leaf().sizeLg2());
    long va = subject.va(at);
    machine.with(space, g -> space.map(va, at, place.bytes(), Subject.RW, only, g));
    Subject.refused(
        Reason.ALREADY_MAPPED,
        machine,
        space,
        g -> space.map(va, at + place.bytes(), place.bytes(), Subject.RW, only, g));
    assertThat(space.translate(va + 42, machine.reader())).isEqualTo(at + 42);
  }
}
