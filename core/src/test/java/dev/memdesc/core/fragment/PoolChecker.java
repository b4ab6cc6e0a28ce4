package dev.memdesc.core.fragment;

import dev.memdesc.core.descriptor.DescriptorMap;
import java.util.ArrayList;
import java.util.List;

/** Checks the pages of a pool against their words and lists, when nobody works on them. */
final class PoolChecker {
  private final MaskedFragmentPool pool;
  private final List<String> violations = new ArrayList<>();
  private int pages;
  private int heldPages;
  private int listedPages;
  private int pendingPages;

  private PoolChecker(MaskedFragmentPool pool) {
    this.pool = pool;
  }

  /**
   * What is wrong, one sentence each.
   *
   * @param waiting how many heads wait for a grace period
   */
  static List<String> check(
      MaskedFragmentPool pool, DescriptorMap descriptors, long bytes, int frameLg2, long waiting) {
    PoolChecker checker = new PoolChecker(pool);
    for (long pa = 0; pa < bytes; pa += 1L << frameLg2) {
      if (descriptors.get(pa) instanceof Page page && page.pa() == pa) {
        checker.page(page);
      }
    }
    var counts = pool.counts();
    checker.equal("pages", checker.pages, counts.pages());
    checker.equal("held pages", checker.heldPages, counts.heldPages());
    checker.equal("listed pages", checker.listedPages, counts.listedPages());
    checker.equal("heads that wait", checker.pendingPages, waiting);
    return checker.violations;
  }

  private void page(Page page) {
    pages++;
    long word = page.word();
    int own = 0;
    int shared = 0;
    int deferred = 0;
    for (int w = 0; w < page.words(); w++) {
      long all = 0;
      for (int kind : new int[] {Page.OWN, Page.SHARED, Page.CURRENT, Page.NEXT}) {
        long bits = page.mask(kind, w);
        if ((all & bits) != 0) {
          report(page, "a fragment is in one mask only");
        }
        all |= bits;
      }
      own += Long.bitCount(page.mask(Page.OWN, w));
      shared += Long.bitCount(page.mask(Page.SHARED, w));
      deferred += Long.bitCount(page.mask(Page.CURRENT, w) | page.mask(Page.NEXT, w));
    }
    boolean held = Page.isHeld(word);
    int free = shared + (held ? 0 : own);
    if (Page.freeOf(word) != free || Page.pendingOf(word) != deferred) {
      report(page, "the word counts the masks, free=" + free + ", pending=" + deferred);
    }
    int place = held ? PageLists.NONE : pool.lists.place(free);
    if (page.place != place) {
      report(page, "a page is on the list of its state, " + place + ", not " + page.place);
    }
    if (place == PageLists.GONE) {
      report(page, "a page with all fragments free goes back");
    }
    heldPages += held ? 1 : 0;
    listedPages += place == PageLists.NONE ? 0 : 1;
    pendingPages += deferred > 0 ? 1 : 0;
  }

  private void equal(String what, long found, long counted) {
    if (found != counted) {
      violations.add("%s: found=%d, counted=%d".formatted(what, found, counted));
    }
  }

  private void report(Page page, String rule) {
    violations.add(page + ": " + rule);
  }
}
