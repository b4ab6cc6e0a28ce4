package dev.memdesc.bench.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.bench.engine.EngineSubject;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.PhysicalMemory;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A rival that did less than the engine would prove nothing: both leave the same tables. */
final class TwinEqualsEngineTest {
  private static final String FORMAT = "x86/4-level";
  private static final long SEED = 20261121;
  private static final int OPERATIONS = 20_000;
  private static final int CHECK_EVERY = 1_000;

  /** An area is some units of one size, of which a bit says whether they are mapped. */
  private record Area(long va, long unit, int units, long sizes, BitSet mapped) {}

  private final Area small = new Area(1L << 36, 1L << 12, 4096, 1L << 12, new BitSet());
  private final Area large = new Area(1L << 39, 1L << 21, 2048, 1L << 12 | 1L << 21, new BitSet());

  @ParameterizedTest
  @EnumSource(TwinCompiler.Variant.class)
  void leavesTheSameWordsAfterTheSameOperations(
      TwinCompiler.Variant variant, @TempDir Path folder) {
    try (EngineSubject engine = EngineSubject.of(BackendRegistry.discover(null), FORMAT);
        TwinSubject twin = Twins.of(variant, folder, engine.format());
        Gather gather = engine.space().gather()) {
      SplittableRandom random = new SplittableRandom(SEED);
      for (int i = 1; i <= OPERATIONS; i++) {
        operate(random, random.nextInt(4) == 0 ? large : small, engine, gather, twin);
        if (i % CHECK_EVERY == 0) {
          compare(
              engine, twin, engine.format().rootLevel(), engine.space().rootPa(), twin.rootPa());
        }
      }
      long whole = 1L << 40;
      assertThat(twin.unmapRanges(0, 0, whole, 1))
          .isEqualTo(engine.space().unmap(0, whole, gather));
      compare(engine, twin, engine.format().rootLevel(), engine.space().rootPa(), twin.rootPa());
      long frames = twin.memory().bytes() >>> twin.memory().frameLg2();
      assertThat(twin.freeTables()).as("every table but the root's is back").isEqualTo(frames - 1);
    }
  }

  private static void operate(
      SplittableRandom random, Area area, EngineSubject engine, Gather gather, TwinSubject twin) {
    AddressSpace space = engine.space();
    int from = random.nextInt(area.units());
    int end = Math.min(area.units(), from + 1 + (random.nextBoolean() ? 0 : random.nextInt(1100)));
    long va = area.va() + from * area.unit();
    long pa = va & ((1L << 38) - 1);
    long length = (end - from) * area.unit();
    switch (random.nextInt(3)) {
      case 0 -> {
        int next = area.mapped().nextSetBit(from);
        if (next < 0 || next >= end) {
          space.map(va, pa, length, Attributes.USER_DATA, new PageSizes(area.sizes()), gather);
          assertThat(twin.tryMap(va, pa, length, area.sizes())).isTrue();
          area.mapped().set(from, end);
        } else if (end - from == 1) {
          assertThat(twin.tryMap(va, pa, length, area.sizes())).isFalse();
          assertThatThrownBy(() -> space.map(va, pa, length, Attributes.USER_DATA, gather))
              .isInstanceOf(PageTableException.class);
        }
      }
      case 1 -> {
        assertThat(twin.unmapRanges(va, 0, length, 1)).isEqualTo(space.unmap(va, length, gather));
        gather.flush();
        area.mapped().clear(from, end);
      }
      default ->
          assertThat(twin.translate(va + 0x123))
              .isEqualTo(space.translate(va + 0x123, engine.reader()));
    }
  }

  private static void compare(
      EngineSubject engine, TwinSubject twin, int level, long ours, long theirs) {
    DescriptorMap descriptors = engine.machine().descriptors();
    PhysicalMemory memory = engine.machine().memory();
    LevelLayout layout = engine.format().level(level);
    int entries = descriptors.get(ours) instanceof TableDescriptor table ? table.count() : -1;
    assertThat(twin.entries(theirs)).as("entries").isEqualTo(entries);
    for (int index = 0; index < layout.items(); index++) {
      long our = memory.loadAcquire(ours + 8L * index);
      long their = twin.memory().loadAcquire(theirs + 8L * index);
      if (layout.isTable().passes(our)) {
        long address = layout.tablePa().itemMask();
        assertThat(their & ~address).isEqualTo(our & ~address);
        compare(
            engine, twin, level - 1, layout.tablePa().decode(our), layout.tablePa().decode(their));
      } else {
        assertThat(their).as("item %d of level %d", index, level).isEqualTo(our);
      }
    }
  }
}
