package dev.memdesc.cli.replay;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.Reader;

/**
 * One domain that lives through the events: what is mapped in it, in leaves of its format. A gather
 * is flushed after each event that changes a translation, as the kernel does where a device is not
 * trusted (strict).
 *
 * <p>Ranges are multiples of the format's granule here; {@link ReplayPages} sees to that.
 */
final class ReplayDomain {
  private final AddressSpace space;
  private final Gather gather;
  private final Reader reader;
  private final Attributes attributes;
  private final PageSizes sizes;
  private final PageSizes smallest;
  private final VaRule va;
  private final long granule;
  private long unhooked;

  ReplayDomain(AddressSpace space, Reader reader, Attributes attributes, PageSizes sizes) {
    this.space = space;
    this.gather = space.gather();
    this.reader = reader;
    this.attributes = attributes;
    this.sizes = sizes;
    this.smallest = PageSizes.ofLg2(sizes.smallestLg2());
    this.va = space.format().largest().va();
    this.granule = space.format().frameBytes();
  }

  /** Whether a leaf translates the iova. */
  boolean isMapped(long iova) {
    return space.translate(iova, reader) != AddressSpace.NOT_MAPPED;
  }

  /**
   * Maps a range of which nothing is mapped.
   *
   * @param pieces whether it is mapped in the smallest pages: what lies there is in pieces
   * @return false if something was mapped there: nothing changed
   */
  boolean map(long iova, long pa, long bytes, boolean pieces) {
    // An exception costs more than to look first.
    if (bytes == granule && isMapped(iova)) {
      return false;
    }
    try {
      space.map(iova, pa, bytes, attributes, pieces ? smallest : sizes, gather);
      flush();
      return true;
    } catch (PageTableException e) {
      flush();
      if (e.reason() == Reason.ALREADY_MAPPED) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Unmaps a range.
   *
   * @return how many bytes of it were mapped; negative, and nothing changed, if it cuts a leaf
   */
  long unmap(long iova, long bytes) {
    try {
      return space.unmap(iova, bytes, gather);
    } catch (PageTableException e) {
      if (e.reason() == Reason.CUTS_LARGE_LEAF) {
        return -1;
      }
      throw e;
    } finally {
      flush();
    }
  }

  /** Unmaps a range that may begin or end inside leaves. */
  long unmap(long iova, long bytes, CutLeaf cut) {
    try {
      return space.unmap(iova, bytes, cut, gather);
    } finally {
      flush();
    }
  }

  private void flush() {
    unhooked += gather.tables();
    gather.flush();
  }

  /** How many tables the events since the last call took out of the trees. */
  long takeUnhooked() {
    long tables = unhooked;
    unhooked = 0;
    return tables;
  }

  /** Whether the format, or one that it grows into, translates both addresses. */
  boolean translates(long first, long last) {
    return va.allows(first) && va.allows(last);
  }

  /** Adds the tables without an entry below them, and of all, to the sums. */
  void addTo(StrandedTables sums) {
    sums.begin(space.format());
    space.visitTables(sums, reader);
    sums.end();
  }

  /** What the tables cost. */
  TableCounts counts() {
    return space.counts();
  }
}
