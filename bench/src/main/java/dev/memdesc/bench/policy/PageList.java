package dev.memdesc.bench.policy;

import org.jspecify.annotations.Nullable;

/** A list of pages, linked both ways, as the kernel's. Every access is under the owner's lock. */
final class PageList {
  private @Nullable SharedPage first;
  private @Nullable SharedPage last;

  /** The first page, or null. */
  @Nullable SharedPage first() {
    return first;
  }

  void addFirst(SharedPage page) {
    checkNotListed(page);
    page.previous = null;
    page.next = first;
    if (first == null) {
      last = page;
    } else {
      first.previous = page;
    }
    first = page;
  }

  void addLast(SharedPage page) {
    checkNotListed(page);
    page.next = null;
    page.previous = last;
    if (last == null) {
      first = page;
    } else {
      last.next = page;
    }
    last = page;
  }

  private static void checkNotListed(SharedPage page) {
    if (page.listed) {
      throw page.bad("a page is on one list once").build();
    }
    page.listed = true;
  }

  void remove(SharedPage page) {
    if (!page.listed) {
      throw page.bad("a page is on the list that it is taken off").build();
    }
    page.listed = false;
    if (page.previous == null) {
      first = page.next;
    } else {
      page.previous.next = page.next;
    }
    if (page.next == null) {
      last = page.previous;
    } else {
      page.next.previous = page.previous;
    }
    page.previous = null;
    page.next = null;
  }
}
