package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.GroupFormats;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations of every kind on small formats, compared with one pa per page. */
final class GroupsRandomTest {
  private static final int OPERATIONS = 30_000;

  static Stream<TableFormat> formats() {
    return Stream.of(
        GroupFormats.stepped(),
        GroupFormats.alike(),
        GroupFormats.breaking(),
        GroupFormats.plain(),
        GroupFormats.shortItems(),
        GroupFormats.shortSwapped(),
        GroupFormats.growing());
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyOperationEqualsAPlainArray(TableFormat format) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(format + ": -Dmemdesc.seed=" + seed);
    try (GroupMachine machine = GroupMachine.of(format)) {
      new Model(machine, seed).run();
    }
  }

  /** What should be there. */
  private static final class Model {
    private static final long PAGE = 32;

    private final GroupMachine machine;
    private final AddressSpace space;
    private final SplittableRandom random;
    private final long[] pas;
    private final boolean[] writable;
    private final int[] outcomes = new int[6];

    Model(GroupMachine machine, long seed) {
      this.machine = machine;
      this.space = machine.space;
      this.random = new SplittableRandom(seed);
      this.pas = new long[(int) ((1L << space.format().largest().va().bits()) / PAGE)];
      this.writable = new boolean[pas.length];
      Arrays.fill(pas, AddressSpace.NOT_MAPPED);
    }

    void run() {
      for (int i = 0; i < OPERATIONS; i++) {
        int pages = 1 + random.nextInt(1 << random.nextInt(log2(pas.length)));
        int page = random.nextInt(pas.length - pages + 1);
        if (random.nextBoolean()) {
          page &= -Integer.highestOneBit(pages);
        }
        try (Gather gather = space.gather()) {
          switch (random.nextInt(8)) {
            case 0, 1, 2 -> map(page, pages, gather);
            case 3, 4 -> unmap(page, pages, CutLeaf.SPLIT, gather);
            case 5 -> unmap(page, pages, CutLeaf.WHOLE, gather);
            case 6 -> unmap(page, pages, CutLeaf.REFUSE, gather);
            default -> protect(page, pages, gather);
          }
        }
        check();
        if (i % 100 == 0) {
          machine.checkValid();
        }
        if (i % 20 == 0) {
          machine.settle();
        }
      }
      assertThat(outcomes).as("every outcome was seen").doesNotContain(0);
    }

    private static int log2(int value) {
      return 31 - Integer.numberOfLeadingZeros(value);
    }

    private void map(int page, int pages, Gather gather) {
      long pa = (random.nextInt(4) == 0 ? random.nextInt(64) : page + 1024) * PAGE;
      boolean write = random.nextBoolean();
      PageSizes sizes = random.nextBoolean() ? PageSizes.ANY : new PageSizes(random.nextInt() | 32);
      boolean free = true;
      for (int i = page; i < page + pages; i++) {
        free &= pas[i] == AddressSpace.NOT_MAPPED;
      }
      try {
        space.map(page * PAGE, pa, pages * PAGE, attributes(write), sizes, gather);
      } catch (PageTableException e) {
        assertThat(e.reason()).isEqualTo(Reason.ALREADY_MAPPED);
        assertThat(free).isFalse();
        outcomes[0]++;
        return;
      }
      assertThat(free).isTrue();
      outcomes[1]++;
      for (int i = 0; i < pages; i++) {
        pas[page + i] = pa + i * PAGE;
        writable[page + i] = write;
      }
    }

    private static Attributes attributes(boolean write) {
      Attributes read = Attributes.of(Access.READ);
      return write ? read.with(Access.WRITE) : read;
    }

    private long end() {
      return 1L << space.format().va().bits();
    }

    private void unmap(int page, int pages, CutLeaf cut, Gather gather) {
      long va = page * PAGE;
      long last = (page + pages) * PAGE - 1;
      if (last >= end()) {
        return;
      }
      long from = space.lookup(va, machine.reader).map(m -> m.range().start()).orElse(va);
      long to = space.lookup(last, machine.reader).map(m -> m.range().last()).orElse(last);
      long bytes;
      try {
        bytes = space.unmap(va, last - va + 1, cut, gather);
      } catch (PageTableException e) {
        assertThat(e.reason()).isEqualTo(Reason.CUTS_LARGE_LEAF);
        assertThat(cut).isEqualTo(CutLeaf.REFUSE);
        assertThat(from < va || to > last).isTrue();
        outcomes[2]++;
        return;
      }
      outcomes[3 + cut.ordinal() % 2]++;
      if (cut == CutLeaf.REFUSE) {
        assertThat(from == va && to == last).isTrue();
      } else if (cut == CutLeaf.WHOLE) {
        va = from;
        last = to;
      }
      long expected = 0;
      for (int i = (int) (va / PAGE); i <= (int) (last / PAGE); i++) {
        expected += pas[i] == AddressSpace.NOT_MAPPED ? 0 : PAGE;
        pas[i] = AddressSpace.NOT_MAPPED;
      }
      assertThat(bytes).isEqualTo(expected);
    }

    private void protect(int page, int pages, Gather gather) {
      long va = page * PAGE;
      long length = pages * PAGE;
      if (va + length > end()) {
        return;
      }
      boolean write = random.nextBoolean();
      try {
        space.protect(va, length, attributes(write), gather);
      } catch (PageTableException e) {
        assertThat(e.reason()).isEqualTo(Reason.CUTS_LARGE_LEAF);
        return;
      }
      outcomes[5]++;
      Arrays.fill(writable, page, page + pages, write);
    }

    private void check() {
      for (int i = 0; i < pas.length && i * PAGE < end(); i++) {
        long found = space.translate(i * PAGE + 5, machine.reader);
        if (found != (pas[i] == AddressSpace.NOT_MAPPED ? pas[i] : pas[i] + 5)) {
          throw new AssertionError("page " + i + ": " + found + " instead of " + pas[i]);
        }
      }
      int i = random.nextInt((int) (Math.min(end(), pas.length * PAGE) / PAGE));
      Mapping mapping = space.lookup(i * PAGE, machine.reader).orElse(null);
      if (mapping != null) {
        assertThat(mapping.attributes()).isEqualTo(attributes(writable[i]));
        assertThat(mapping.pa() + i * PAGE - mapping.range().start()).isEqualTo(pas[i]);
      }
    }
  }
}
