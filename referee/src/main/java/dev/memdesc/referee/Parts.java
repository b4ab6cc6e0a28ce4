package dev.memdesc.referee;

import java.util.ArrayList;
import java.util.List;

/** Things that were opened one after the other and are closed in the other order. */
public final class Parts implements AutoCloseable {
  private final String of;
  private final List<AutoCloseable> parts = new ArrayList<>();

  /**
   * None yet.
   *
   * @param of what they are parts of, for the message of a failure
   */
  public Parts(String of) {
    this.of = of;
  }

  /** Takes a part; returns it. */
  public <T extends AutoCloseable> T with(T part) {
    parts.add(part);
    return part;
  }

  /**
   * Closes every part, also after one that could not be; then there are none.
   *
   * @throws IllegalStateException if one could not be closed, which is its cause
   */
  @Override
  public void close() {
    IllegalStateException failure = null;
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        // The others are closed all the same.
        if (failure == null) {
          failure = new IllegalStateException("everything of " + of + " can be closed", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    parts.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
