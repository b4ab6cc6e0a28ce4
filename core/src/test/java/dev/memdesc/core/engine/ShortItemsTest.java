package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.ShortFormats;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.memory.Items;
import dev.memdesc.core.stamp.TinyBackend;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Items of 4 bytes, in the geometry of Armv7's short descriptors. */
class ShortItemsTest {
  private static final Attributes RW = Attributes.of(Access.READ, Access.WRITE);
  private static final Attributes READ = Attributes.of(Access.READ);
  private static final TableFormat FORMAT = ShortFormats.format();

  private final Memdesc machine =
      Memdesc.builder()
          .registry(BackendRegistry.of(List.of(new TinyBackend(FORMAT))))
          .arch("tiny/short")
          .memoryBytes(64 << 20)
          .build();
  private final AddressSpace space = machine.newAddressSpace("short");
  private final Reader reader = machine.newReader();

  private void checkValid() {
    assertThat(StructureChecker.check(space, machine.memory(), machine.descriptors())).isEmpty();
  }

  @AfterEach
  void close() {
    checkValid();
    reader.close();
    space.close();
    machine.rcu().barrier();
    machine.rcu().barrier();
    assertThat(space.counts().allocatedBytes()).isZero();
    machine.tableMemory().trim();
    assertThat(machine.allocator().allocatedBytes()).isZero();
    machine.close();
  }

  private int word(long pa) {
    return (int) Items.load(machine.memory(), FORMAT, pa);
  }

  @Test
  void everyKindOfEntryIsWhereTheManualHasIt() {
    assertThat(FORMAT.itemBytes()).isEqualTo(4);
    try (Gather gather = space.gather()) {
      space.map(0x1234_5000L, 0x8765_4000L, 0x1000, RW, gather);
      space.map(0x1234_6000L, 0x8765_5000L, 0x1000, READ, gather);
      space.map(0x1235_0000L, 0x9876_0000L, 0x1_0000, READ, gather);
      space.map(0x2000_0000L, 0xA000_0000L, 0x10_0000, READ, gather);
      space.map(0x4100_0000L, 0xB100_0000L, 0x100_0000, RW, gather);
    }
    long root = space.rootPa();
    assertThat(root & 0x3FFF).isZero();
    int table = word(root + 0x123 * 4L);
    assertThat(table & 0x3FF).isEqualTo(1);
    assertThat(word(root + 0x122 * 4L)).isZero();
    assertThat(word(root + 0x124 * 4L)).isZero();
    assertThat(word((table & ~0x3FF) + 0x45 * 4L)).isEqualTo(0x87654002);
    assertThat(word((table & ~0x3FF) + 0x46 * 4L)).isEqualTo(0x87655202);
    for (int i = 0; i < 16; i++) {
      assertThat(word((table & ~0x3FF) + (0x50 + i) * 4L)).isEqualTo(0x98760201);
      assertThat(word(root + (0x410 + i) * 4L)).isEqualTo(0xB1040002);
    }
    assertThat(word((table & ~0x3FF) + 0x60 * 4L)).isZero();
    assertThat(word(root + 0x200 * 4L)).isEqualTo(0xA0008002);
    assertThat(space.translate(0x1235_7123L, reader)).isEqualTo(0x9876_7123L);
    assertThat(space.translate(0x41AB_CDEFL, reader)).isEqualTo(0xB1AB_CDEFL);
    assertThat(space.translate(0x1234_6FFFL, reader)).isEqualTo(0x8765_5FFFL);
  }

  @Test
  void tablesShareAFrame() {
    long before = machine.allocator().allocatedBytes();
    try (Gather gather = space.gather()) {
      for (long mib = 0; mib < 8; mib++) {
        space.map(mib << 20, 0, 0x1000, RW, gather);
      }
    }
    assertThat(machine.allocator().allocatedBytes() - before).isEqualTo(2 * 4096);
    assertThat(space.counts().levels().getFirst().allocatedBytes()).isEqualTo(8 * 1024);
  }

  @Test
  void theLastItemOfMemoryIsReached() {
    try (Gather gather = space.gather()) {
      space.map(0xFFFF_F000L, 0xFFFF_F000L, 0x1000, RW, gather);
      assertThat(space.translate(0xFFFF_FFFFL, reader)).isEqualTo(0xFFFF_FFFFL);
      space.putSoft(0, 12, new SoftEntry(SoftEntry.Kind.SWAP, 0x3FFF_FFFFL), gather);
      assertThat(space.translate(0, reader)).isEqualTo(AddressSpace.NOT_MAPPED);
      assertThat(space.unmap(0, 1L << 32, gather)).isEqualTo(0x2000);
    }
  }

  @Test
  void randomOperationsEqualAPlainMap() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("short items: -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int pages = 1 << 13; // two supersections
    long[] pas = new long[pages];
    boolean[] writable = new boolean[pages];
    Arrays.fill(pas, AddressSpace.NOT_MAPPED);
    int[] outcomes = new int[4];
    for (int i = 0; i < 3000; i++) {
      int length = 1 << random.nextInt(13);
      length = random.nextBoolean() ? length : 1 + random.nextInt(length);
      int page = random.nextInt(pages - length + 1);
      page = random.nextBoolean() ? page & -Integer.highestOneBit(length) : page;
      boolean write = random.nextBoolean();
      long va = (long) page << 12;
      long bytes = (long) length << 12;
      try (Gather gather = space.gather()) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            long pa = random.nextInt(3) == 0 ? 0x4567_0000L : 0x8000_0000L + va;
            PageSizes sizes =
                random.nextBoolean() ? PageSizes.ANY : new PageSizes(random.nextInt() | 0x1000);
            boolean free = true;
            for (int k = page; k < page + length; k++) {
              free &= pas[k] == AddressSpace.NOT_MAPPED;
            }
            try {
              space.map(va, pa, bytes, write ? RW : READ, sizes, gather);
              assertThat(free).isTrue();
              outcomes[0]++;
              for (int k = 0; k < length; k++) {
                pas[page + k] = pa + ((long) k << 12);
                writable[page + k] = write;
              }
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.ALREADY_MAPPED);
              assertThat(free).isFalse();
              outcomes[1]++;
            }
          }
          case 2, 3 -> {
            long expected = 0;
            for (int k = page; k < page + length; k++) {
              expected += pas[k] == AddressSpace.NOT_MAPPED ? 0 : 4096;
              pas[k] = AddressSpace.NOT_MAPPED;
            }
            assertThat(space.unmap(va, bytes, CutLeaf.SPLIT, gather)).isEqualTo(expected);
            outcomes[2]++;
          }
          default -> {
            try {
              space.protect(va, bytes, write ? RW : READ, gather);
              Arrays.fill(writable, page, page + length, write);
              outcomes[3]++;
            } catch (PageTableException e) {
              assertThat(e.reason()).isEqualTo(Reason.CUTS_LARGE_LEAF);
            }
          }
        }
      }
      for (int k = i % 7; k < pages; k += 7) {
        long found = space.translate(((long) k << 12) + 5, reader);
        assertThat(found)
            .as("page %d", k)
            .isEqualTo(pas[k] == AddressSpace.NOT_MAPPED ? pas[k] : pas[k] + 5);
      }
      int k = random.nextInt(pages);
      space
          .lookup((long) k << 12, reader)
          .ifPresent(m -> assertThat(m.attributes()).isEqualTo(writable[k] ? RW : READ));
      if (i % 200 == 0) {
        checkValid();
      }
    }
    assertThat(outcomes).doesNotContain(0);
  }

  @Test
  void itemsHaveOneSizeAndTheirConstantsFit() {
    LevelLayout pages = FORMAT.level(0);
    LevelLayout longer = with(pages, Placement.natural(11), 0);
    assertThatThrownBy(() -> formatOf(longer))
        .hasMessageStartingWith("a table has 8 bytes per item, or all have 4: format=tiny/odd")
        .extracting("reason")
        .isEqualTo(Reason.INCONSISTENT);
    assertThatThrownBy(() -> formatOf(with(pages, Placement.natural(10), 1L << 32)))
        .hasMessageStartingWith("the constants of a level fit its items: format=tiny/odd");
  }

  private static LevelLayout with(LevelLayout level, Placement table, long tableConstant) {
    return new LevelLayout(
        level.manualName(),
        level.shift(),
        level.indexBits(),
        table,
        level.empty(),
        level.emptyItem(),
        level.isTable(),
        level.tablePa(),
        tableConstant,
        level.leaves(),
        level.accessed(),
        level.dirty(),
        level.mirror());
  }

  private static TableFormat formatOf(LevelLayout lowest) {
    return new TableFormat(
        "tiny/odd",
        FORMAT.order(),
        FORMAT.frameLg2(),
        FORMAT.va(),
        FORMAT.paBits(),
        List.of(lowest, FORMAT.level(1)),
        FORMAT.capabilities(),
        FORMAT.codec());
  }
}
