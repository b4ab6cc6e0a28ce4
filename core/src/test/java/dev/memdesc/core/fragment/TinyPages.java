package dev.memdesc.core.fragment;

import dev.memdesc.api.memory.PageAllocator;
import java.util.List;

/** As little of a page allocator as a pool needs: single frames, the lowest that is free. */
final class TinyPages implements PageAllocator {
  private final boolean[] used;
  private final int frameLg2;

  TinyPages(int frames, int frameLg2) {
    this.used = new boolean[frames];
    this.frameLg2 = frameLg2;
  }

  @Override
  public synchronized long allocate(int order, int node, long paLimit) {
    for (int frame = 0; frame < used.length; frame++) {
      if (!used[frame]) {
        used[frame] = true;
        return (long) frame << frameLg2;
      }
    }
    throw new IllegalStateException("too few frames for the scenario");
  }

  @Override
  public synchronized void free(long pa, int order) {
    int frame = (int) (pa >>> frameLg2);
    if (!used[frame]) {
      throw new IllegalStateException("a page is given back once: pa=" + pa);
    }
    used[frame] = false;
  }

  @Override
  public int nodeOf(long pa) {
    return 0;
  }

  @Override
  public synchronized long allocatedBytes() {
    long bytes = 0;
    for (boolean frame : used) {
      bytes += frame ? 1L << frameLg2 : 0;
    }
    return bytes;
  }

  @Override
  public List<NodeStatistics> statistics() {
    throw new UnsupportedOperationException();
  }
}
