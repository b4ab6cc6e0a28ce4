package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.descriptor.StructureDescriptor;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.fragment.FragmentParts;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.rcu.DeterministicRcu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PooledStructureMemoryTest {
  private final PhysicalMemory memory = PhysicalMemory.anonymous(0x100000, 32L << 20, 12);
  private final DescriptorMap descriptors = new DescriptorMap(memory);
  private final FaultInjectingAllocator allocator =
      new FaultInjectingAllocator(new BuddyPageAllocator(memory, descriptors, 2));
  private final PooledStructureMemory structures = newMemory();

  private PooledStructureMemory newMemory() {
    return new PooledStructureMemory(
        new FragmentParts(memory, allocator, descriptors, new DeterministicRcu()), 2);
  }

  private StructureDescriptor allocate(int bytes, int alignLg2) {
    return structures.allocate(
        "one", bytes, alignLg2, PageAllocator.ANY_NODE, StructureDescriptor::new);
  }

  @AfterEach
  void nothingIsLeft() {
    structures.trim();
    assertThat(structures.frames()).isZero();
    assertThat(structures.allocatedBytes(0)).isZero();
    assertThat(structures.allocatedBytes(1)).isZero();
    assertThat(allocator.allocatedBytes()).isZero();
    memory.close();
  }

  @Test
  void smallStructuresShareAPage() {
    StructureDescriptor[] all = new StructureDescriptor[64];
    for (int i = 0; i < all.length; i++) {
      all[i] = allocate(64, 6);
      assertThat(all[i].pa() & 63).isZero();
      assertThat(descriptors.get(all[i].pa())).isInstanceOf(FragmentPage.class);
    }
    assertThat(structures.frames()).isEqualTo(1);
    assertThat(structures.allocatedBytes(0)).isEqualTo(64 * 64);
    for (StructureDescriptor one : all) {
      structures.free(one);
    }
  }

  @Test
  void aStructureIsZeroWhateverItHeldBefore() {
    for (int bytes : new int[] {64, 4096, 24}) {
      StructureDescriptor one = allocate(bytes, 3);
      memory.storeRelease(one.pa() + bytes - 8, -1L);
      structures.free(one);
      StructureDescriptor other = allocate(bytes, 3);
      for (int at = 0; at < bytes; at += 8) {
        assertThat(memory.loadAcquire(other.pa() + at)).isZero();
      }
      structures.free(other);
    }
  }

  @Test
  void largeOnesAreContiguousAlignedAndDescribedAtEachFrame() {
    StructureDescriptor one = allocate(3 * 4096, 12);
    StructureDescriptor aligned = allocate(1024, 16);
    assertThat(structures.frames()).isEqualTo(4 + 16);
    assertThat(one.bytes()).isEqualTo(3 * 4096);
    assertThat(aligned.pa() & 0xFFFF).isZero();
    for (int frame = 0; frame < 4; frame++) {
      assertThat(descriptors.get(one.pa() + frame * 4096L)).isSameAs(one);
    }
    long pa = one.pa();
    structures.free(one);
    structures.free(aligned);
    assertThat(descriptors.get(pa + 4096)).isNull();
  }

  @Test
  void theNodeIsWhatWasAskedFor() {
    StructureDescriptor small = structures.allocate("small", 64, 6, 1, StructureDescriptor::new);
    StructureDescriptor large = structures.allocate("large", 8192, 12, 1, StructureDescriptor::new);
    assertThat(small.node()).isEqualTo(1);
    assertThat(large.node()).isEqualTo(1);
    assertThat(structures.allocatedBytes(1)).isEqualTo(64 + 8192);
    structures.free(small);
    structures.free(large);
  }

  @Test
  void aSecondFreeAndAStrangersFreeAreRefused() {
    StructureDescriptor one = allocate(64, 6);
    PooledStructureMemory other = newMemory();
    assertThatThrownBy(() -> other.free(one))
        .hasMessageStartingWith("a structure is given back to the memory that it came from")
        .extracting("reason")
        .isEqualTo(Reason.FOREIGN);
    structures.free(one);
    assertThatThrownBy(() -> structures.free(one))
        .hasMessage(
            "a structure is given back once: structure=unbound[pa=0x%016x, bytes=64], state=free,"
                    .formatted(one.pa())
                + " needed=allocated")
        .extracting("reason")
        .isEqualTo(Reason.ILLEGAL_STATE);
  }

  @Test
  void withoutMemoryNothingChanges() {
    for (int bytes : new int[] {64, 4096}) {
      allocator.failNth(1);
      assertThatThrownBy(() -> allocate(bytes, 6))
          .isInstanceOf(PageTableException.class)
          .extracting("reason")
          .isEqualTo(Reason.OUT_OF_MEMORY);
    }
    assertThatThrownBy(() -> allocate(8 << 20, 12))
        .extracting("reason")
        .isEqualTo(Reason.OUT_OF_MEMORY);
    assertThatThrownBy(() -> allocate(12, 3)).extracting("reason").isEqualTo(Reason.INCONSISTENT);
    assertThatThrownBy(() -> allocate(0, 3)).extracting("reason").isEqualTo(Reason.INCONSISTENT);
  }
}
