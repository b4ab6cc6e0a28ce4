package dev.memdesc.bench.policy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The common helper that was sketched on the kernel list in June 2023, taken literally, for the 2
 * to 4 fragments a page that it speaks of.
 *
 * <ul>
 *   <li>A page whose fragments are all free goes; one with some free is on the owner's list, and
 *       the links of the list lie inside one of its free fragments, never in one that a walker may
 *       be inside; one with all used is on no list.
 *   <li>Per page three masks: free, waiting for the current grace period, waiting for the next. The
 *       first fragment to wait takes the page's one RCU head; the callback makes the current ones
 *       free and calls again for the next ones.
 *   <li>It has one way to free. A fragment that nobody can see waits like any other.
 *   <li>The callback needs the owner for its list. How the owner stays alive so long the sketch
 *       left open, and so does this: a callback after the owner's exit is a fault, and says so.
 * </ul>
 */
final class SketchPool extends Pool {
  /** The most fragments a page that it is for. */
  static final int MOST_FRAGMENTS = 4;

  private final HardwareMemory memory;
  private final long emptyWord;
  private final int all;
  // The lock of the owner's list. It guards the masks of the pages too.
  private final Object lock = new Object();
  // All guarded by lock.
  private final InTableList list;
  private final NavigableMap<Long, Page> pages = new TreeMap<>();
  private boolean closed;

  SketchPool(
      PoolHost host, int fragments, long fragmentBytes, HardwareMemory memory, long emptyWord) {
    super(host, fragments, fragmentBytes);
    this.memory = memory;
    this.emptyWord = emptyWord;
    this.list = new InTableList(memory);
    this.all = (1 << fragments) - 1;
  }

  @Override
  Fragment allocate(int node) {
    synchronized (lock) {
      long host = list.first();
      if (host != InTableList.END) {
        Page page = pageOf(host);
        // The one with the links last: until then they need not move.
        int others = page.free & ~(1 << page.host);
        return take(page, Integer.numberOfTrailingZeros(others != 0 ? others : page.free));
      }
    }
    long pa = host().takePage(node);
    synchronized (lock) {
      Page page = new Page(this, pa, host().nodeOf(pa));
      pages.put(pa, page);
      page.free = all;
      link(page);
      return take(page, 0);
    }
  }

  private Page pageOf(long pa) {
    Map.Entry<Long, Page> found = pages.floorEntry(pa);
    if (found == null) {
      throw PageTableException.because(Reason.ILLEGAL_STATE, "links lie in a free table of a page")
          .hex("table", pa)
          .build();
    }
    return found.getValue();
  }

  private Fragment take(Page page, int index) {
    page.free &= ~(1 << index);
    if (page.host == index) {
      long from = pa(page, index);
      if (page.free == 0) {
        list.remove(from);
        page.host = Page.NONE;
      } else {
        page.host = Integer.numberOfTrailingZeros(page.free);
        list.move(from, pa(page, page.host));
      }
    }
    // Whatever links were here: the table is EMPTY again.
    memory.fill(pa(page, index), InTableList.LINK_BYTES, emptyWord);
    return page.fragment(index);
  }

  private void link(Page page) {
    page.host = Integer.numberOfTrailingZeros(page.free);
    list.addFirst(pa(page, page.host));
  }

  private long pa(Page page, int index) {
    return page.pa() + index * fragmentBytes();
  }

  @Override
  void free(Fragment fragment) {
    freeDeferred(fragment);
  }

  @Override
  void freeDeferred(Fragment fragment) {
    Page page = (Page) fragment.page();
    int bit = 1 << fragment.index();
    boolean isHeadFree;
    synchronized (lock) {
      isHeadFree = page.current == 0;
      if (isHeadFree) {
        page.current = bit;
      } else {
        page.later |= bit;
      }
    }
    if (isHeadFree) {
      host().call(page);
    }
  }

  @Override
  void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private void reclaim(Page page) {
    boolean again;
    boolean last;
    synchronized (lock) {
      if (closed) {
        throw page.bad("an owner is there until the last callback has used its list").build();
      }
      page.endWaiting(page.current);
      boolean wasListed = page.free != 0;
      page.free |= page.current;
      page.current = page.later;
      page.later = 0;
      again = page.current != 0;
      last = page.free == all;
      if (last) {
        if (wasListed) {
          list.remove(pa(page, page.host));
        }
        pages.remove(page.pa());
      } else if (!wasListed) {
        link(page);
      }
    }
    if (again) {
      host().call(page);
    }
    if (last) {
      release(page);
    }
  }

  private static final class Page extends SharedPage {
    static final int NONE = -1;

    // All guarded by the pool's lock: bit i is fragment i.
    int free;
    int current;
    int later;
    // The fragment that the links are in.
    int host = NONE;

    Page(Pool pool, long pa, int node) {
      super(pool, pa, node);
    }

    @Override
    public void reclaim() {
      ((SketchPool) pool()).reclaim(this);
    }
  }
}
