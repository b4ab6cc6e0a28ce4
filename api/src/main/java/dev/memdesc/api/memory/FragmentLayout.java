package dev.memdesc.api.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FragmentPool} cuts its pages, and which pages it uses.
 *
 * @param fragmentBytes of a fragment, a multiple of 8; a fragment is aligned to the largest power
 *     of two that divides this
 * @param fragments of a page, 2..4096; what is left of the page is not used
 * @param pageOrder log2 of the frames of a page, 0..{@link PageAllocator#MAX_ORDER}
 * @param node the NUMA node wanted for pages, or {@link PageAllocator#ANY_NODE}
 * @param paLimit every page lies below this pa, unsigned, or {@link PageAllocator#NO_LIMIT}
 * @param contents what a fragment holds when it is handed out; null if that is undefined
 * @param choice which page is used next
 */
public record FragmentLayout(
    int fragmentBytes,
    int fragments,
    int pageOrder,
    int node,
    long paLimit,
    @Nullable Contents contents,
    PageChoice choice) {
  /** The most fragments of a page. */
  public static final int MAX_FRAGMENTS = 4096;

  /** Which of the pages with free fragments is used next. */
  public enum PageChoice {
    /** The one that got its first free fragment last: its lines are likely to be in a cache. */
    NEWEST_FIRST,
    /** One of those with the fewest free fragments, so that the others become empty. */
    FULLEST_FIRST
  }

  /**
   * What a fragment holds when it is handed out.
   *
   * @param word each of the 8-byte words before the shadow, as it lies in memory
   * @param shadowBytes at the end of the fragment, a multiple of 8
   * @param shadowWord each of the words of the shadow
   */
  public record Contents(long word, int shadowBytes, long shadowWord) {}

  /**
   * Checks the numbers.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}
   */
  public FragmentLayout {
    require(
        fragmentBytes >= Long.BYTES && fragmentBytes % Long.BYTES == 0,
        "a fragment has a multiple of 8 bytes",
        "fragmentBytes",
        fragmentBytes);
    require(
        fragments >= 2 && fragments <= MAX_FRAGMENTS,
        "a page has 2 to 4096 fragments",
        "fragments",
        fragments);
    require(
        pageOrder >= 0 && pageOrder <= PageAllocator.MAX_ORDER,
        "a page has an order up to 10",
        "pageOrder",
        pageOrder);
    if (contents != null) {
      int shadow = contents.shadowBytes();
      require(
          shadow >= 0 && shadow <= fragmentBytes && shadow % Long.BYTES == 0,
          "a shadow has a multiple of 8 bytes, at most the fragment's",
          "shadowBytes",
          shadow);
    }
  }

  /** As many fragments as fit a page of one frame, on any node, of undefined contents. */
  public static FragmentLayout of(int fragmentBytes, int frameBytes) {
    return new FragmentLayout(
        fragmentBytes,
        Math.min(MAX_FRAGMENTS, frameBytes / Math.max(1, fragmentBytes)),
        0,
        PageAllocator.ANY_NODE,
        PageAllocator.NO_LIMIT,
        null,
        PageChoice.NEWEST_FIRST);
  }

  /** The same with fragments that are handed out full of {@code word}. */
  public FragmentLayout filledWith(long word) {
    return new FragmentLayout(
        fragmentBytes, fragments, pageOrder, node, paLimit, new Contents(word, 0, 0), choice);
  }

  /** The same with pages wanted on a node. */
  public FragmentLayout on(int wantedNode) {
    return new FragmentLayout(
        fragmentBytes, fragments, pageOrder, wantedNode, paLimit, contents, choice);
  }

  /** The same with another choice of the next page. */
  public FragmentLayout choosing(PageChoice next) {
    return new FragmentLayout(fragmentBytes, fragments, pageOrder, node, paLimit, contents, next);
  }

  private static void require(boolean holds, String rule, String name, int value) {
    if (!holds) {
      throw PageTableException.because(Reason.INCONSISTENT, rule).with(name, value).build();
    }
  }
}
