package dev.memdesc.api.rcu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a flavour of {@link Rcu} does with heads; nobody else needs it.
 *
 * <p>A head goes {@code idle -> claimed -> linked -> idle}. One compare-and-set claims it, so of
 * two calls with one head one is refused; one release store gives it back before {@code reclaim}.
 */
@SuppressWarnings("ReferenceEquality") // a head is one object
public final class HeadLinks {
  private static final VarHandle NEXT;

  static {
    try {
      NEXT = MethodHandles.lookup().findVarHandle(RcuHead.class, "next", RcuHead.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private HeadLinks() {}

  /** Takes the head into the flavour's hands; false if it waits already. */
  public static boolean claim(RcuHead head) {
    return NEXT.compareAndSet(head, null, head);
  }

  /** Gives a claimed head back that was not queued after all. */
  public static void unclaim(RcuHead head) {
    NEXT.setRelease(head, null);
  }

  /**
   * Puts a claimed head on top of a list; whoever publishes the head publishes this.
   *
   * @param below the list, null if empty
   */
  public static void link(RcuHead head, @Nullable RcuHead below) {
    head.next = below == null ? head : below;
  }

  /** What is below in a list that this thread alone has; null at its end. */
  public static @Nullable RcuHead below(RcuHead head) {
    RcuHead below = head.next;
    return below == head ? null : below;
  }

  /**
   * Takes the top off a list that this thread alone has. The head is its owner's afterwards; the
   * release pairs with the compare-and-set of {@link #claim}.
   *
   * @return the rest of the list
   */
  public static @Nullable RcuHead detach(RcuHead top) {
    RcuHead below = below(top);
    NEXT.setRelease(top, null);
    return below;
  }

  /** Calls {@link RcuHead#reclaim}, after {@link #detach}. */
  public static void reclaim(RcuHead head) {
    head.reclaim();
  }
}
