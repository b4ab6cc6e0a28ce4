package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.rcu.Reader;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Every error that {@link AddressSpace} documents, for what a format does not have. */
final class ErrorChecks {
  private ErrorChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("ranges that are none are refused", ErrorChecks::ranges);
    checks.put("addresses outside the format are refused", ErrorChecks::addresses);
    checks.put("a leaf size that the format lacks is refused", ErrorChecks::sizes);
    checks.put("attributes that the format cannot say are refused", ErrorChecks::attributes);
    checks.put("a deposit needs a leaf of level 1", ErrorChecks::deposits);
    checks.put("an INVALID item is reported, and unmap removes it", ErrorChecks::invalid);
    checks.put("without memory nothing changes", ErrorChecks::outOfMemory);
    checks.put("another space's gather and a closed space are refused", ErrorChecks::lifetime);
  }

  private static void ranges(Subject subject) {
    subject.with(
        (machine, space) -> {
          long frame = subject.frame();
          long va = subject.va(0);
          refusedMap(Reason.ZERO_LENGTH, machine, space, va, 0, 0);
          refusedMap(Reason.WRAPS, machine, space, -frame, 0, 2 * frame);
          refusedMap(Reason.MISALIGNED, machine, space, va + 8, 0, frame);
          refusedMap(Reason.MISALIGNED, machine, space, va, 0, frame + 8);
          refusedMap(Reason.MISALIGNED, machine, space, va, 8, frame);
          Subject.refused(Reason.ZERO_LENGTH, machine, space, g -> space.unmap(va, 0, g));
          Subject.refused(Reason.MISALIGNED, machine, space, g -> space.unmap(va, frame / 2, g));
          Subject.refused(
              Reason.ZERO_LENGTH, machine, space, g -> space.protect(va, 0, Subject.RW, g));
        });
  }

  private static void refusedMap(
      Reason reason, TestMachine machine, AddressSpace space, long va, long pa, long length) {
    Subject.refused(reason, machine, space, g -> space.map(va, pa, length, Subject.RW, g));
  }

  private static void addresses(Subject subject) {
    subject.with(
        (machine, space) -> {
          long frame = subject.frame();
          int bits = subject.format().largest().va().bits();
          for (int bit = bits; bit < 64; bit++) {
            long outside = subject.format().va().extend(0) ^ 1L << bit;
            refusedMap(Reason.VA_OUTSIDE_FORMAT, machine, space, outside, 0, frame);
            Subject.refused(
                Reason.VA_OUTSIDE_FORMAT, machine, space, g -> space.unmap(outside, frame, g));
            Subject.refused(
                Reason.VA_OUTSIDE_FORMAT, () -> space.translate(outside, machine.reader()));
            Subject.refused(
                Reason.VA_OUTSIDE_FORMAT, () -> space.lookup(outside, machine.reader()));
          }
          for (int bit = subject.format().paBits(); bit < 64; bit++) {
            refusedMap(Reason.PA_TOO_WIDE, machine, space, subject.va(0), 1L << bit, frame);
          }
          refusedMap(
              Reason.PA_TOO_WIDE,
              machine,
              space,
              subject.va(0),
              subject.paEnd() - frame,
              2 * frame);
        });
  }

  private static void sizes(Subject subject) {
    subject.with(
        (machine, space) -> {
          PageSizes exist = subject.format().leafSizes();
          for (int sizeLg2 = subject.format().frameLg2(); sizeLg2 < 62; sizeLg2++) {
            long size = 1L << sizeLg2;
            if (!exist.contains(sizeLg2) && size <= subject.room() && size <= subject.paEnd()) {
              PageSizes only = PageSizes.ofLg2(sizeLg2);
              Subject.refused(
                  Reason.PAGE_SIZE,
                  machine,
                  space,
                  g -> space.map(subject.va(0), 0, size, Subject.RW, only, g));
            }
          }
          // A size that exists, but not for such addresses.
          int largestLg2 = 63 - Long.numberOfLeadingZeros(exist.bitmap());
          if (largestLg2 > subject.format().frameLg2()) {
            Subject.refused(
                Reason.PAGE_SIZE,
                machine,
                space,
                g ->
                    space.map(
                        subject.va(0),
                        0,
                        subject.frame(),
                        Subject.RW,
                        PageSizes.ofLg2(largestLg2),
                        g));
          }
        });
  }

  private static void attributes(Subject subject) {
    subject.with(
        (machine, space) -> {
          long va = subject.va(0);
          long frame = subject.frame();
          for (int access = 0; access < 1 << Access.values().length; access++) {
            for (MemoryType type : MemoryType.values()) {
              Attributes attributes = Attributes.ofBits(access).with(type);
              try {
                subject.format().codec().bits(attributes, 0, subject.leaves().getFirst().leaf());
              } catch (PageTableException e) {
                Subject.refused(
                    Reason.ATTRIBUTE, machine, space, g -> space.map(va, 0, frame, attributes, g));
                continue;
              }
              assertThatCode(() -> roundTrip(machine, space, va, frame, attributes))
                  .as(attributes.toString())
                  .doesNotThrowAnyException();
            }
          }
        });
  }

  private static void roundTrip(
      TestMachine machine, AddressSpace space, long va, long frame, Attributes attributes) {
    try (Gather gather = space.gather()) {
      space.map(va, frame, frame, attributes, gather);
      assertThat(space.lookup(va, machine.reader()).orElseThrow().attributes())
          .isEqualTo(attributes);
      space.unmap(va, frame, gather);
    }
  }

  private static void deposits(Subject subject) {
    subject.with(
        (machine, space) -> {
          Subject.refused(Reason.NOT_MAPPED, () -> space.deposit(subject.va(0)));
          machine.with(space, g -> space.map(subject.va(0), 0, subject.frame(), Subject.RW, g));
          Subject.refused(Reason.NOT_MAPPED, () -> space.deposit(subject.va(0)));
          assertThat(space.counts().deposited()).isZero();
        });
  }

  private static void invalid(Subject subject) {
    SplittableRandom random = RangeChecks.random(subject, "invalid items");
    MappingVisitor nothing = (range, pa, sizeLg2, attributes) -> {};
    for (int level = 0; level <= subject.format().rootLevel(); level++) {
      LevelLayout layout = subject.format().level(level);
      OptionalLong item =
          random
              .longs(20_000)
              .map(word -> random.nextBoolean() ? word : word & 0xFFF)
              .map(word -> word & CodecChecks.itemMask(subject))
              .filter(word -> layout.kind(word) == EntryKind.INVALID)
              .findFirst();
      if (item.isEmpty() || layout.mirror().endIndex() > 0) {
        continue;
      }
      int at = level;
      subject.with(
          (machine, space) -> {
            long va = subject.va(0);
            long size = 1L << layout.shift();
            // A neighbour's page, so that the table is there and stays.
            long neighbour = va + size;
            if (size * 2 > subject.room() || size * 2 < 0) {
              return;
            }
            machine.with(space, g -> space.map(neighbour, 0, subject.frame(), Subject.RW, g));
            long pa = MapChecks.itemAt(subject, machine, space, at, va);
            long old = machine.item(pa);
            MapChecks.store(machine, pa, item.getAsLong());
            Subject.refused(Reason.INVALID_ENTRY, () -> space.translate(va, machine.reader()));
            Subject.refused(Reason.INVALID_ENTRY, () -> space.lookup(va, machine.reader()));
            Subject.refused(
                Reason.INVALID_ENTRY,
                () -> space.visit(new AddressRange(va, va + size - 1), nothing, machine.reader()));
            Subject.refused(
                Reason.INVALID_ENTRY,
                () -> machine.with(space, g -> space.map(va, 0, subject.frame(), Subject.RW, g)));
            MapChecks.store(machine, pa, old);
          });
    }
  }

  private static void outOfMemory(Subject subject) {
    subject.with(
        (machine, space) -> {
          int tables = subject.format().rootLevel();
          for (int n = 1; n <= tables; n++) {
            machine.settle();
            machine.memdesc().tableMemory().trim();
            long allocated = space.counts().allocatedBytes();
            machine.faults().failNth(n);
            try {
              machine.with(space, g -> space.map(subject.va(0), 0, subject.frame(), Subject.RW, g));
              machine.with(space, g -> space.unmap(subject.va(0), subject.room(), g));
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
              assertThat(space.counts().linked()).as("only the root").isEqualTo(1);
            }
            machine.faults().failNth(Long.MAX_VALUE);
            machine.checkValid(space);
            assertThat(space.counts().allocatedBytes()).isEqualTo(allocated);
          }
        });
  }

  private static void lifetime(Subject subject) {
    subject.with(
        (machine, space) -> {
          AddressSpace other = machine.space();
          long va = subject.va(0);
          long frame = subject.frame();
          try (Gather gather = other.gather()) {
            Subject.refused(Reason.FOREIGN, () -> space.map(va, 0, frame, Subject.RW, gather));
            Subject.refused(Reason.FOREIGN, () -> space.unmap(va, frame, gather));
            Subject.refused(Reason.FOREIGN, () -> space.protect(va, frame, Subject.RW, gather));
          }
          Reader reader = machine.reader();
          try (Gather gather = other.gather()) {
            other.close();
            other.close();
            Subject.refused(Reason.CLOSED, () -> other.map(va, 0, frame, Subject.RW, gather));
            Subject.refused(Reason.CLOSED, () -> other.unmap(va, frame, gather));
            Subject.refused(Reason.CLOSED, () -> other.translate(va, reader));
            Subject.refused(Reason.CLOSED, () -> other.deposit(va));
            Subject.refused(Reason.CLOSED, other::rootPa);
          }
        });
  }
}
