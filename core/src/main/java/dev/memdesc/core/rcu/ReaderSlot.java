package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.Rcu;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The one word through which a reader and grace periods talk, alone on its cache line.
 *
 * <pre>
 *   63                                                  12 11                  0
 *  +------------------------------------------------------+---------------------+
 *  |  number of the grace period that was newest at enter |  depth of nesting   |
 *  +------------------------------------------------------+---------------------+
 * </pre>
 *
 * <p>0 means that nobody has to wait for the reader. A reader that is closed has the highest number
 * and depth 0: nobody waits for it either, and because it is not 0 the next enter takes the slow
 * path, where it is refused. A grace period waits for a slot that is neither 0 nor at least its own
 * number. 51 bits of number last for 70 years at a million periods a second.
 */
abstract class ReaderSlot extends ReaderPadding {
  static final int NEST_BITS = 12;
  static final long NEST_MASK = (1L << NEST_BITS) - 1;

  /** From the word of one grace period to that of the next. */
  static final long STEP = 1L << NEST_BITS;

  /** What a reader that is closed keeps in its slot. */
  static final long CLOSED = Long.MAX_VALUE & ~NEST_MASK;

  static final VarHandle SLOT;

  static {
    try {
      SLOT = MethodHandles.lookup().findVarHandle(ReaderSlot.class, "slot", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Written by the reader's thread only; docs/concurrency.md has the modes.
  long slot;

  ReaderSlot(Rcu rcu) {
    super(rcu);
  }
}
