package dev.memdesc.api.spi;

/**
 * Makes hardware forget. A gather calls this when it is flushed: first every range, then {@link
 * #complete}, and only then may a frame or table that was unmapped be used for anything else.
 *
 * <p>Ranges that are asked for may be forgotten in larger pieces, never in smaller ones.
 */
public interface Invalidator {
  /**
   * Forget the translations of a range.
   *
   * @param first the first va
   * @param last the last va, inclusive
   * @param leafSizes the sizes of the leaves that were there, as a bitmap of their log2; 0 if not
   *     known
   * @param tables whether tables were unhooked, so that cached walks through the range must be
   *     forgotten too
   */
  void invalidate(long first, long last, long leafSizes, boolean tables);

  /** Forget everything of this address space or domain. */
  void invalidateAll();

  /**
   * Returns when everything that was asked for is forgotten, by every cache and device.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if the
   *     hardware does not answer; nothing may be freed then, and the same is asked for again
   */
  void complete();
}
