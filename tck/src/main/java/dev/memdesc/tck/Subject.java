package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.spi.FormatBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.function.Executable;

/** One variant under test, and what every check of it needs. */
record Subject(FormatBackend backend, TableFormat format) {
  /** What every format can say: user data. */
  static final Attributes RW = Attributes.USER_DATA;

  /** A leaf with the level that it is of. */
  record Place(int level, LevelLayout layout, Leaf leaf) {
    long bytes() {
      return 1L << leaf.sizeLg2();
    }

    @Override
    public String toString() {
      return layout.manualName() + ", leaf of 2^" + leaf.sizeLg2();
    }
  }

  /** Every kind of leaf, the smallest first. */
  List<Place> leaves() {
    List<Place> places = new ArrayList<>();
    for (int level = 0; level <= format.rootLevel(); level++) {
      LevelLayout layout = format.level(level);
      for (Leaf leaf : layout.leaves()) {
        places.add(new Place(level, layout, leaf));
      }
    }
    return places;
  }

  long frame() {
    return format.frameBytes();
  }

  /** How many bytes from {@link #va} of 0 can be translated; the lower half where there are two. */
  long room() {
    int bits = format.va().bits() - (format.va().extension() == VaRule.Extension.SIGN ? 1 : 0);
    return bits >= 63 ? Long.MAX_VALUE : 1L << bits;
  }

  /** The va at an offset from the first of the lower, or only, half. */
  long va(long offset) {
    return format.va().extension() == VaRule.Extension.ONES ? format.va().extend(offset) : offset;
  }

  /** The first pa beyond the format. */
  long paEnd() {
    return 1L << format.paBits();
  }

  /** Runs with a machine of its own, which is checked and closed. */
  void with(BiConsumer<TestMachine, AddressSpace> check) {
    TestMachine machine = TestMachine.of(backend, format.name());
    check.accept(machine, machine.space());
    machine.checkAndClose();
  }

  /** Fails unless the operation is refused for this reason and nothing changed. */
  static void refused(
      Reason reason, TestMachine machine, AddressSpace space, Consumer<Gather> operation) {
    List<String> before = content(machine, space);
    long linked = space.counts().linked();
    refused(reason, () -> machine.with(space, operation));
    assertThat(content(machine, space)).as("nothing changed").isEqualTo(before);
    assertThat(space.counts().linked()).as("tables").isEqualTo(linked);
    machine.checkValid(space);
  }

  /** Fails unless the operation is refused for this reason. */
  static void refused(Reason reason, Executable operation) {
    Throwable thrown = catchThrowable(operation::execute);
    assertThat(thrown).as("refused with " + reason).isInstanceOf(PageTableException.class);
    assertThat(((PageTableException) thrown).reason()).as(thrown.toString()).isEqualTo(reason);
    assertThat(thrown.getMessage()).as("rule: name=value").matches("(?s).+: \\w+=.*");
  }

  /** Runs of leaves: va, length, pa, size, attributes. */
  static List<String> content(TestMachine machine, AddressSpace space) {
    List<String> found = new ArrayList<>();
    VaRule rule = space.format().va();
    long first = rule.extension() == VaRule.Extension.ONES ? rule.extend(0) : 0;
    boolean sign = rule.extension() == VaRule.Extension.SIGN;
    long last = rule.bits() == 64 ? -1L : first + ((1L << (rule.bits() - (sign ? 1 : 0))) - 1);
    space.visit(
        new AddressRange(first, last),
        (range, pa, sizeLg2, attributes) ->
            found.add("%s to %x by 2^%d %s".formatted(range, pa, sizeLg2, attributes)),
        machine.reader());
    return found;
  }
}
