package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Test;
import dev.memdesc.tck.Subject.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What was written is shown once, and clean again. */
final class DirtyChecks {
  private DirtyChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("what was written is shown once, and clean again", DirtyChecks::readAndClear);
  }

  private static void readAndClear(Subject subject) {
    subject.with(
        (machine, space) -> {
          for (Place place : subject.leaves()) {
            LevelLayout layout = place.layout();
            long va = subject.va(0);
            List<String> shown = new ArrayList<>();
            MappingVisitor visitor =
                (range, pa, sizeLg2, attributes) ->
                    shown.add("%s to %x by 2^%d %s".formatted(range, pa, sizeLg2, attributes));
            if (layout.dirty().equals(Test.NEVER) && layout.softDirty().equals(Test.NEVER)) {
              Subject.refused(
                  Reason.ATTRIBUTE,
                  machine,
                  space,
                  g -> space.readAndClearDirty(va, subject.frame(), visitor, g));
              continue;
            }
            if (place.bytes() > subject.room() || place.bytes() > subject.paEnd() / 2) {
              continue;
            }
            PageSizes only = new PageSizes(place.bytes());
            for (Attributes rights : List.of(Subject.RW, Subject.RW.without(Access.WRITE))) {
              machine.with(
                  space, g -> space.map(va, place.bytes(), place.bytes(), rights, only, g));
              List<String> clean = Subject.content(machine, space);
              long inLast = (place.leaf().items() - 1L) * subject.format().itemBytes();
              long at = MapChecks.itemAt(subject, machine, space, place.level(), va) + inLast;
              long item = machine.item(at);
              MapChecks.store(machine, at, layout.makeDirty(item));
              List<String> dirty = Subject.content(machine, space);
              assertThat(dirty).as("%s is dirty", place).isNotEqualTo(clean);
              for (int turn = 0; turn < 2; turn++) {
                long expected = turn == 0 ? place.bytes() : 0;
                machine.with(
                    space,
                    g -> {
                      // The last page of the leaf: it is shown whole.
                      long last = va + place.bytes() - subject.frame();
                      long bytes = space.readAndClearDirty(last, subject.frame(), visitor, g);
                      assertThat(bytes).as("bytes of %s", place).isEqualTo(expected);
                      assertThat(g.bytes()).isEqualTo(expected);
                    });
              }
              assertThat(shown).as("%s is shown once", place).isEqualTo(dirty);
              assertThat(machine.item(at)).as("%s as it was mapped", place).isEqualTo(item);
              assertThat(Subject.content(machine, space)).isEqualTo(clean);
              shown.clear();
              machine.with(space, g -> space.unmap(va, place.bytes(), g));
            }
          }
        });
  }
}
