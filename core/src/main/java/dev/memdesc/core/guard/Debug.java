package dev.memdesc.core.guard;

/**
 * Checks that would cost too much to make always: {@code -Dmemdesc.debug=true} when the JVM starts.
 * Without it the JIT removes them.
 */
public final class Debug {
  /** Read once. */
  public static final boolean ON = Boolean.getBoolean("memdesc.debug");

  private Debug() {}
}
