package dev.memdesc.core.fragment;

import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import org.jspecify.annotations.Nullable;

/**
 * The pages with some free fragments that no thread holds. Every method is called under this
 * object's lock.
 *
 * <p>A page's place says which list it is on: its only list if the newest comes first, or one by
 * the power of two of its free fragments if the fullest comes first. So a page changes its place at
 * most 12 times on its way from full to empty.
 */
final class PageLists {
  /** On no list. */
  static final int NONE = 0;

  private static final int PLACES = 2 + Integer.numberOfTrailingZeros(FragmentLayout.MAX_FRAGMENTS);

  /** On no list, as it goes back to the page allocator. */
  static final int GONE = PLACES;

  private final int fragments;
  private final boolean fullestFirst;
  private final @Nullable Page[] heads = new Page[PLACES];
  private int pages;

  PageLists(FragmentLayout layout) {
    this.fragments = layout.fragments();
    this.fullestFirst = layout.choice() == PageChoice.FULLEST_FIRST;
  }

  /** Where a page with that many free fragments belongs, if nobody holds it. Needs no lock. */
  int place(int free) {
    if (free <= 0) {
      return NONE;
    }
    if (free >= fragments) {
      return GONE;
    }
    return fullestFirst ? Integer.SIZE - Integer.numberOfLeadingZeros(free) : 1;
  }

  /** How many pages there are on all lists. */
  int pages() {
    return pages;
  }

  /** The page to use next, or null. */
  @Nullable Page first() {
    if (pages > 0) {
      for (int place = 1; place < PLACES; place++) {
        Page head = heads[place];
        if (head != null) {
          return head;
        }
      }
    }
    return null;
  }

  /** Moves a page to the front of the list of its new place, or to none. */
  void move(Page page, int place) {
    remove(page);
    if (place == NONE || place == GONE) {
      return;
    }
    Page head = heads[place];
    page.next = head;
    if (head != null) {
      head.previous = page;
    }
    heads[place] = page;
    page.place = (byte) place;
    pages++;
  }

  /** Takes a page off its list, if it is on one. */
  void remove(Page page) {
    if (page.place == NONE) {
      return;
    }
    Page before = page.previous;
    Page after = page.next;
    if (before == null) {
      heads[page.place] = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    page.previous = null;
    page.next = null;
    page.place = NONE;
    pages--;
  }
}
