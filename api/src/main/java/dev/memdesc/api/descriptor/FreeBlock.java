package dev.memdesc.api.descriptor;

import dev.memdesc.api.Hex;
import org.jspecify.annotations.Nullable;

/**
 * A free block of 2^order frames, linked into the free list of its order. Every access is under the
 * lock of the page allocator's node.
 */
public final class FreeBlock extends Descriptor {
  private long pa;
  private int order;
  private @Nullable FreeBlock previous;
  private @Nullable FreeBlock next;

  /** Makes this describe another block; the links are null. */
  public FreeBlock reset(long pa, int order) {
    this.pa = pa;
    this.order = order;
    this.previous = null;
    this.next = null;
    return this;
  }

  @Override
  public long pa() {
    return pa;
  }

  /** log2 of the number of frames. */
  public int order() {
    return order;
  }

  /** The block before this one in its list. */
  public @Nullable FreeBlock previous() {
    return previous;
  }

  /** The block after this one in its list. */
  public @Nullable FreeBlock next() {
    return next;
  }

  /** Links this block between two others. */
  public void link(@Nullable FreeBlock before, @Nullable FreeBlock after) {
    this.previous = before;
    this.next = after;
  }

  @Override
  public String toString() {
    return "free[pa=%s, order=%d]".formatted(Hex.of(pa), order);
  }
}
