package dev.memdesc.referee;

import dev.memdesc.api.Hex;
import java.util.Locale;

/**
 * One thing that the guest tries.
 *
 * @param kind what it tries
 * @param user whether without privilege
 * @param va where, a multiple of 8
 * @param cookie the word that a store stores
 */
public record Probe(Kind kind, boolean user, long va, long cookie) {
  /** What a guest can try. */
  public enum Kind {
    /** Loads 8 bytes. */
    LOAD,
    /** Stores 8 bytes. */
    STORE,
    /** Jumps there. */
    FETCH,
    /** Asks the processor where a load would go, without doing it; not every processor can. */
    LOCATE_LOAD,
    /** Asks where a store would go. */
    LOCATE_STORE;

    /** Whether the data of the page is touched, so that its pa must be RAM. */
    public boolean touches() {
      return this == LOAD || this == STORE || this == FETCH;
    }

    /** Whether it does more than look: stores, or runs what it finds. */
    public boolean changes() {
      return this == STORE || this == FETCH;
    }

    /** Whether it needs the right to write. */
    public boolean writes() {
      return this == STORE || this == LOCATE_STORE;
    }
  }

  /** Such as {@code user store at 0x0000...}. */
  @Override
  public String toString() {
    String what = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return (user ? "user " : "privileged ") + what + " at " + Hex.of(va);
  }
}
