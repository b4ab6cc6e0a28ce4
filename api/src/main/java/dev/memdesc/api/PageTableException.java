package dev.memdesc.api;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of memdesc. Its message is {@code rule that was broken: name=value,
 * name=value}, then, after a semicolon, what to do. Whoever catches it can rely on nothing having
 * changed unless the method that threw it says otherwise.
 */
public final class PageTableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  private PageTableException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What code should match on. */
  public Reason reason() {
    return reason;
  }

  /**
   * Starts a message.
   *
   * @param rule the rule that was broken, lower case, as a sentence that is true of legal input
   */
  public static Builder because(Reason reason, String rule) {
    return new Builder(reason, rule);
  }

  /** Collects the values of a message in the order in which they are printed. */
  public static final class Builder {
    private final Reason reason;
    private final StringBuilder text;
    private boolean first = true;

    private Builder(Reason reason, String rule) {
      this.reason = reason;
      this.text = new StringBuilder(rule);
    }

    /** Adds an address or word, printed {@code 0x%016x}. */
    public Builder hex(String name, long word) {
      return with(name, Hex.of(word));
    }

    /** Adds any other value; an enum constant is printed in lower case with blanks. */
    public Builder with(String name, Object value) {
      text.append(first ? ": " : ", ").append(name).append('=').append(print(value));
      first = false;
      return this;
    }

    /** Adds what the reader can do about it. */
    public Builder hint(String hint) {
      text.append("; ").append(hint);
      return this;
    }

    /** The exception, to be thrown by the caller so that the compiler sees the throw. */
    public PageTableException build() {
      return build(null);
    }

    /** The exception with a cause. */
    public PageTableException build(@Nullable Throwable cause) {
      return new PageTableException(reason, text.toString(), cause);
    }

    private static String print(Object value) {
      return value instanceof Enum<?> constant
          ? constant.name().toLowerCase(Locale.ROOT).replace('_', ' ')
          : value.toString();
    }
  }
}
