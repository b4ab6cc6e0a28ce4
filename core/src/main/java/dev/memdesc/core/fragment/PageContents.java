package dev.memdesc.core.fragment;

import dev.memdesc.api.Hex;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.Contents;
import dev.memdesc.api.spi.HardwareMemory;

/** Sees to it that a fragment holds what the layout says when it is handed out. */
final class PageContents {
  private final HardwareMemory memory;
  private final Contents contents;
  private final int tableBytes;

  PageContents(HardwareMemory memory, FragmentLayout layout, Contents contents) {
    this.memory = memory;
    this.contents = contents;
    this.tableBytes = layout.fragmentBytes() - contents.shadowBytes();
  }

  /** Fills a fragment that only this thread knows, unless it is known to be as it should. */
  void prepare(Page page, int index, long pa) {
    int w = Page.wordOf(index);
    long bit = Page.bitOf(index);
    if ((page.mask(Page.DIRTY, w) & bit) == 0) {
      assert isEmpty(pa) : "a known-empty fragment is not empty: " + Hex.of(pa);
      return;
    }
    fill(pa);
    page.clearBits(Page.DIRTY, w, bit);
  }

  private void fill(long pa) {
    memory.fill(pa, tableBytes, contents.word());
    if (contents.shadowBytes() > 0) {
      memory.fill(pa + tableBytes, contents.shadowBytes(), contents.shadowWord());
    }
  }

  private boolean isEmpty(long pa) {
    for (int offset = 0; offset < tableBytes + contents.shadowBytes(); offset += Long.BYTES) {
      long needed = offset < tableBytes ? contents.word() : contents.shadowWord();
      if (memory.loadAcquire(pa + offset) != needed) {
        return false;
      }
    }
    return true;
  }
}
