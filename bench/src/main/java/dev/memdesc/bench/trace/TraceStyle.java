package dev.memdesc.bench.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Locale;

/** Who printed a trace. */
public enum TraceStyle {
  /** The kernel's file {@code trace}. */
  FTRACE,
  /** {@code trace-cmd report}. */
  TRACE_CMD,
  /** {@code perf script}. */
  PERF;

  /** The name for a command line. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The style of that name.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static TraceStyle of(String title) {
    for (TraceStyle style : values()) {
      if (style.title().equals(title)) {
        return style;
      }
    }
    throw PageTableException.because(Reason.UNKNOWN_NAME, "a style of trace is one there is")
        .with("style", title)
        .hint("there are ftrace, trace-cmd, perf")
        .build();
  }
}
