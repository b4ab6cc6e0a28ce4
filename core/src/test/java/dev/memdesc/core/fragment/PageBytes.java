package dev.memdesc.core.fragment;

import org.openjdk.jol.info.GraphLayout;

/** What JOL says about the object of a page. */
public final class PageBytes {
  private PageBytes() {}

  /** Heap bytes of a page with its masks and its head; for tables, with room for references. */
  @SuppressWarnings("NullAway") // without its pool, which is not part of the page
  public static long of(int fragments, boolean tables) {
    Page page = new Page(null, 16, fragments, tables ? fragments : 0);
    return GraphLayout.parseInstance(page).totalSize();
  }
}
