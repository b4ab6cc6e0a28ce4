package dev.memdesc.bench.torture;

import dev.memdesc.api.rcu.RcuHead;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * What is published and taken away. Its age is 0 while it is published, 1 when it is not any more,
 * and one more after each grace period; at {@link #STAGES} it is freed and its contents destroyed.
 * Whoever found it in a section may see 0 and 1, and nothing else before the section ends.
 */
final class Element extends RcuHead {
  /** Ages that are counted, 0 and that of being freed among them. */
  static final int STAGES = 10;

  private static final VarHandle AGE;

  static {
    try {
      AGE = MethodHandles.lookup().findVarHandle(Element.class, "age", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Consumer<Element> grownOlder;
  // Plain, as the contents of what RCU protects are.
  private long word;
  private long complement;

  @SuppressWarnings("UnusedVariable") // through AGE
  private int age;

  Element(Consumer<Element> grownOlder) {
    this.grownOlder = grownOlder;
  }

  /** Fills it, before it is published. */
  void fill(long value) {
    word = value;
    complement = ~value;
    AGE.setOpaque(this, 0);
  }

  int age() {
    return (int) AGE.getOpaque(this);
  }

  /** One stage on; the updater's thread or the callback thread, whoever has it. */
  int growOlder() {
    int older = age() + 1;
    AGE.setOpaque(this, older);
    return older;
  }

  /** Makes it unreadable. */
  void destroy() {
    word = 0;
    complement = 0;
  }

  boolean isIntact() {
    return word == ~complement;
  }

  @Override
  protected void reclaim() {
    grownOlder.accept(this);
  }
}
