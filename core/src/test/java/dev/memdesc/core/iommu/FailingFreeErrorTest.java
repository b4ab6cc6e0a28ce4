package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.memory.PageAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An unmap that an error cuts short has its ranges forgotten all the same. */
class FailingFreeErrorTest {
  private static final Attributes READ = Attributes.ofBits(0).with(Access.READ);
  private static final long LARGE = 1L << 21;
  // So many tables are kept for re-use; the next one goes back to the allocator.
  private static final int KEPT = 1024;

  /** A plugin's allocator that takes every block back and ends in an error while it is told to. */
  private static final class Plugin implements PageAllocator {
    private final PageAllocator delegate;
    private boolean fails;

    Plugin(PageAllocator delegate) {
      this.delegate = delegate;
    }

    @Override
    public long allocate(int order, int node, long paLimit) {
      return delegate.allocate(order, node, paLimit);
    }

    @Override
    public void free(long pa, int order) {
      delegate.free(pa, order);
      if (fails) {
        throw new LinkageError("planted");
      }
    }

    @Override
    public int nodeOf(long pa) {
      return delegate.nodeOf(pa);
    }

    @Override
    public long allocatedBytes() {
      return delegate.allocatedBytes();
    }

    @Override
    public List<NodeStatistics> statistics() {
      return delegate.statistics();
    }
  }

  @Test
  void theUnitForgetsWhatWasUnmappedBeforeTheError() {
    Plugin[] plugin = new Plugin[1];
    try (UnitMachine machine =
        new UnitMachine(
            UnitFormats.granule("tiny/4k", 12),
            List.of(),
            pages -> plugin[0] = new Plugin(pages),
            UnitFormats.granule("fake-unit/4k", 12))) {
      IommuDomain domain = machine.open().newDomain("net");
      try (Gather gather = domain.gather()) {
        domain.map(0, 0, (KEPT + 1) * LARGE, READ, gather);
        for (int i = 0; i <= KEPT; i++) {
          domain.deposit(i * LARGE);
        }
        domain.unmap(0, KEPT * LARGE, gather);
        gather.flush();
        machine.settle();
        machine.log();
        plugin[0].fails = true;
        assertThatThrownBy(() -> domain.unmap(KEPT * LARGE, LARGE, gather))
            .isInstanceOf(LinkageError.class);
        plugin[0].fails = false;
        gather.flush();
        assertThat(machine.log()).containsExactly("1:80000000", "3:1");
      }
    }
  }
}
