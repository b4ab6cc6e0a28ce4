package dev.memdesc.bench.policy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A page of two halves, and the byte in which s390 kept what they are:
 *
 * <pre>
 *    7   6   5   4   3   2   1   0
 *  +---+---+-------+-------+-------+
 *  | - | - | P1 P0 | H1 H0 | A1 A0 |   A allocated, P pending removal,
 *  +---+---+-------+-------+-------+   H its RCU head is in use for this half
 * </pre>
 *
 * <p>H exists only in the variant that was proposed in June 2023 and not taken.
 */
abstract class HalfPage extends SharedPage {
  static final int BOTH = 3;
  static final int HEAD_SHIFT = 2;
  static final int PENDING_SHIFT = 4;
  private static final VarHandle BITS;

  static {
    try {
      BITS = MethodHandles.lookup().findVarHandle(HalfPage.class, "bits", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Atomic xor; A changes under the owner's lock only.
  private volatile int bits;

  HalfPage(Pool pool, long pa, int node, int bits) {
    super(pool, pa, node);
    this.bits = bits;
  }

  final int bits() {
    return bits;
  }

  /** Flips these bits in one step; what they are then. */
  final int flip(int mask) {
    return (int) BITS.getAndBitwiseXor(this, mask) ^ mask;
  }

  /** A of this half. */
  static int allocated(int half) {
    return 1 << half;
  }

  /** P of this half. */
  static int pending(int half) {
    return 1 << half << PENDING_SHIFT;
  }

  /** H of this half. */
  static int head(int half) {
    return 1 << half << HEAD_SHIFT;
  }
}
