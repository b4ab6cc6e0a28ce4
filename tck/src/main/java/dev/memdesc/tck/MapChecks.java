package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.core.memory.Items;
import dev.memdesc.tck.Subject.Place;
import java.util.Map;
import java.util.function.Consumer;

/** One leaf of every size: mapped, translated, in the way, cut, replaced, removed. */
final class MapChecks {
  private MapChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("an empty space translates nothing", MapChecks::empty);
    checks.put("every size is mapped as one leaf, and once", MapChecks::everySize);
    checks.put("the first and the last leaf of every size", MapChecks::edges);
    checks.put("a larger leaf takes the place of an empty table", MapChecks::replacesTables);
    checks.put("a part of a leaf is refused, split off, or taken with the whole", MapChecks::cut);
    checks.put("a group says what any of its items says", MapChecks::groups);
    checks.put("protect keeps frames and states", MapChecks::protect);
    checks.put("a SOFT entry takes its item", MapChecks::soft);
    checks.put("the root grows a level at a time, or the va is refused", MapChecks::growth);
  }

  /** An offset of the size's own, if there is room for it, and else 0. */
  private static long offset(Subject subject, Place place) {
    return place.bytes() * 3 <= subject.room() ? place.bytes() : 0;
  }

  private static boolean fits(Subject subject, Place place) {
    return place.bytes() <= subject.room() && place.bytes() <= subject.paEnd() / 2;
  }

  private static PageSizes only(Place place) {
    return PageSizes.ofLg2(place.leaf().sizeLg2());
  }

  private static void empty(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (long offset : new long[] {0, 42, (1L << 30) + 42, (2L << 30) + 42}) {
            if (offset < subject.room()) {
              long va = subject.va(offset);
              assertThat(space.translate(va, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
              assertThat(space.lookup(va, machine.reader())).isEmpty();
            }
          }
          assertThat(Subject.content(machine, space)).isEmpty();
          machine.with(
              space, g -> assertThat(space.unmap(subject.va(0), subject.frame(), g)).isZero());
          assertThat(space.counts().linked()).as("the root").isEqualTo(1);
        });
  }

  private static void everySize(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            if (fits(subject, place)) {
              oneSize(subject, machine, space, place, offset(subject, place));
            }
          }
        });
  }

  /** Maps, finds, maps again in vain, unmaps, and all of it again. */
  private static void oneSize(
      Subject subject, TestMachine machine, AddressSpace space, Place place, long offset) {
    long va = subject.va(offset);
    long size = place.bytes();
    // A pa of its own: the same for all but the size's bits.
    long pa = size;
    for (int round = 0; round < 2; round++) {
      machine.with(space, g -> space.map(va, pa, size, Subject.RW, only(place), g));
      Mapping mapping = space.lookup(va + size / 2, machine.reader()).orElseThrow();
      assertThat(mapping.range().start()).isEqualTo(va);
      assertThat(mapping.range().last()).isEqualTo(va + size - 1);
      assertThat(mapping.pa()).isEqualTo(pa);
      assertThat(mapping.level()).isEqualTo(place.level());
      assertThat(mapping.attributes()).isEqualTo(Subject.RW);
      assertThat(Subject.content(machine, space)).hasSize(1);
      for (long at : new long[] {0, 42, size / 2, size - 1}) {
        assertThat(space.translate(va + at, machine.reader())).isEqualTo(pa + at);
      }
      Subject.refused(
          Reason.ALREADY_MAPPED,
          machine,
          space,
          g -> space.map(va, pa, size, Subject.RW, only(place), g));
      Subject.refused(
          Reason.ALREADY_MAPPED,
          machine,
          space,
          g -> space.map(va + size - subject.frame(), 0, subject.frame(), Subject.RW, g));
      machine.with(
          space,
          g -> {
            assertThat(space.unmap(va, size, g)).isEqualTo(size);
            assertThat(g.bytes()).isEqualTo(size);
          });
      assertThat(space.translate(va + 42, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    }
  }

  private static void edges(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            if (fits(subject, place)) {
              oneSize(subject, machine, space, place, 0);
              oneSize(
                  subject, machine, space, place, subject.room() - place.bytes() & -place.bytes());
            }
          }
        });
  }

  private static void replacesTables(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            if (place.leaf().sizeLg2() > subject.format().frameLg2() && fits(subject, place)) {
              long va = subject.va(offset(subject, place));
              long at = va + place.bytes() / 2;
              machine.with(space, g -> space.map(at, 0, subject.frame(), Subject.RW, g));
              Subject.refused(
                  Reason.ALREADY_MAPPED,
                  machine,
                  space,
                  g -> space.map(va, 0, place.bytes(), Subject.RW, only(place), g));
              machine.with(space, g -> space.unmap(at, subject.frame(), g));
              machine.with(space, g -> space.map(va, 0, place.bytes(), Subject.RW, only(place), g));
              assertThat(space.lookup(at, machine.reader()).orElseThrow().range().length())
                  .isEqualTo(place.bytes());
              machine.with(space, g -> space.unmap(va, place.bytes(), g));
            }
          }
        });
  }

  private static void cut(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            if (place.leaf().sizeLg2() > subject.format().frameLg2() && fits(subject, place)) {
              for (long part : new long[] {0, place.bytes() / 2, place.bytes() - subject.frame()}) {
                cut(subject, machine, space, place, part);
              }
            }
          }
        });
  }

  private static void cut(
      Subject subject, TestMachine machine, AddressSpace space, Place place, long part) {
    long va = subject.va(offset(subject, place));
    long size = place.bytes();
    long frame = subject.frame();
    machine.with(space, g -> space.map(va, size, size, Subject.RW, only(place), g));
    Subject.refused(Reason.CUTS_LARGE_LEAF, machine, space, g -> space.unmap(va + part, frame, g));
    machine.with(
        space, g -> assertThat(space.unmap(va + part, frame, CutLeaf.WHOLE, g)).isEqualTo(size));
    assertThat(Subject.content(machine, space)).isEmpty();
    machine.with(space, g -> space.map(va, size, size, Subject.RW, only(place), g));
    machine.with(
        space, g -> assertThat(space.unmap(va + part, frame, CutLeaf.SPLIT, g)).isEqualTo(frame));
    for (long at : new long[] {0, part - frame, part, part + frame, size - frame}) {
      if (at >= 0 && at < size) {
        assertThat(space.translate(va + at + 7, machine.reader()))
            .as("%s, at %x", place, at)
            .isEqualTo(at == part ? AddressSpace.NOT_MAPPED : size + at + 7);
      }
    }
    long other = part == 0 ? size - frame : 0;
    assertThat(space.lookup(va + other, machine.reader()).orElseThrow().attributes())
        .isEqualTo(Subject.RW);
    machine.checkValid(space);
    machine.with(space, g -> assertThat(space.unmap(va, size, g)).isEqualTo(size - frame));
  }

  private static void groups(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            LevelLayout layout = place.layout();
            if (place.leaf().itemsLg2() == 0
                || layout.dirty().equals(Test.NEVER)
                || !fits(subject, place)) {
              continue;
            }
            long va = subject.va(offset(subject, place));
            machine.with(space, g -> space.map(va, 0, place.bytes(), Subject.RW, only(place), g));
            long one = va + ((long) (place.leaf().items() - 1) << layout.shift());
            long at = itemAt(subject, machine, space, place.level(), one);
            store(machine, at, layout.makeDirty(machine.item(at)));
            assertThat(space.lookup(va, machine.reader()).orElseThrow().attributes())
                .as("%s: hardware wrote one item", place)
                .isEqualTo(Subject.RW.with(Access.DIRTY));
            machine.with(space, g -> space.unmap(va, place.bytes(), g));
          }
        });
  }

  /** The pa of the item for {@code va} in the table of a level. */
  static long itemAt(
      Subject subject, TestMachine machine, AddressSpace space, int wanted, long va) {
    TableFormat format = subject.format();
    long table = space.rootPa();
    for (int level = format.rootLevel(); level > wanted; level--) {
      LevelLayout layout = format.level(level);
      table = layout.tablePa().decode(machine.item(table + layout.offset(va)));
    }
    return table + format.level(wanted).offset(va);
  }

  static void store(TestMachine machine, long pa, long item) {
    Items.store(machine.memdesc().memory(), machine.format(), pa, item);
  }

  private static void protect(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            if (!fits(subject, place)) {
              continue;
            }
            long va = subject.va(offset(subject, place));
            machine.with(
                space,
                g -> space.map(va, place.bytes(), place.bytes(), Subject.RW, only(place), g));
            boolean states = !place.layout().dirty().equals(Test.NEVER);
            if (states) {
              long at = itemAt(subject, machine, space, place.level(), va);
              store(machine, at, place.layout().makeDirty(machine.item(at)));
            }
            Attributes read = Subject.RW.without(Access.WRITE);
            machine.with(
                space,
                g ->
                    assertThat(space.protect(va, place.bytes(), read, g)).isEqualTo(place.bytes()));
            Mapping mapping = space.lookup(va, machine.reader()).orElseThrow();
            assertThat(mapping.attributes()).isEqualTo(states ? read.with(Access.DIRTY) : read);
            assertThat(mapping.pa()).isEqualTo(place.bytes());
            assertThat(mapping.range().length()).isEqualTo(place.bytes());
            machine.with(space, g -> space.unmap(va, place.bytes(), g));
            machine.with(
                space, g -> assertThat(space.protect(va, place.bytes(), read, g)).isZero());
          }
        });
  }

  private static void soft(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            long va = subject.va(offset(subject, place));
            SoftEntry entry = new SoftEntry(SoftEntry.Kind.SWAP, 1);
            if (place.leaf().itemsLg2() > 0) {
              Subject.refused(
                  Reason.PAGE_SIZE,
                  machine,
                  space,
                  g -> space.putSoft(va, place.leaf().sizeLg2(), entry, g));
            } else if (fits(subject, place)) {
              try {
                machine.with(space, g -> space.putSoft(va, place.leaf().sizeLg2(), entry, g));
              } catch (PageTableException e) {
                assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE);
                continue;
              }
              assertThat(space.translate(va, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
              Subject.refused(
                  Reason.ALREADY_MAPPED,
                  machine,
                  space,
                  g -> space.map(va, 0, place.bytes(), Subject.RW, g));
              machine.with(
                  space,
                  g -> assertThat(space.unmap(va, place.bytes(), g)).isEqualTo(place.bytes()));
            }
          }
        });
  }

  private static void growth(Subject subject) {
    subject.with(
        (machine, space) -> {
          TableFormat format = subject.format();
          long frame = subject.frame();
          machine.with(space, g -> space.map(subject.va(0), frame, frame, Subject.RW, g));
          for (TableFormat next = format.growsInto(); next != null; next = next.growsInto()) {
            long beyond = 1L << space.format().va().bits();
            machine.with(space, g -> space.map(beyond, 2 * frame, frame, Subject.RW, g));
            assertThat(space.format()).as("one level").isEqualTo(next);
            assertThat(space.translate(beyond, machine.reader())).isEqualTo(2 * frame);
            assertThat(space.translate(0, machine.reader())).isEqualTo(frame);
            machine.checkValid(space);
          }
          int bits = space.format().va().bits();
          if (bits < 64) {
            long beyond = space.format().va().extend(0) ^ 1L << bits;
            Subject.refused(
                Reason.VA_OUTSIDE_FORMAT,
                machine,
                space,
                g -> space.map(beyond, 0, frame, Subject.RW, g));
          }
        });
  }
}
