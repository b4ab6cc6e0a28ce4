package dev.memdesc.cli;

import dev.memdesc.cli.input.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Errors that no command expects: no memory, no stack, a class that is missing. The tool says so in
 * a line and ends with 1, even if it is too late to make a string.
 */
final class LastResort {
  /** Made beforehand, because it is printed when nothing more can be made. */
  private static final byte[] NO_MEMORY =
      "memdesc: out of memory; give more with MEMDESC_JAVA_OPTS=-Xmx..., or ask for less\n"
          .getBytes(StandardCharsets.US_ASCII);

  private LastResort() {}

  /** What an error means to a user, as a line without its end. */
  static String line(Throwable e) {
    OutOfMemoryError memory = find(e, OutOfMemoryError.class);
    if (memory != null) {
      return "memdesc: out of memory: "
          + memory.getMessage()
          + "; give more with MEMDESC_JAVA_OPTS=-Xmx..., or ask for less";
    }
    if (find(e, StackOverflowError.class) != null) {
      return "memdesc: out of stack; give more with MEMDESC_JAVA_OPTS=-Xss...";
    }
    Throwable cause = e;
    while (e instanceof LinkageError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    // A plain exception's message is a sentence; an error's is seldom more than a name.
    String message = e instanceof Error ? cause.toString() : e.getMessage();
    return "memdesc: " + (message == null ? e.toString() : message);
  }

  private static <E extends Throwable> @Nullable E find(Throwable e, Class<E> kind) {
    Throwable at = e;
    for (int depth = 0; at != null && depth < 10; depth++) {
      if (kind.isInstance(at)) {
        return kind.cast(at);
      }
      at = at.getCause();
    }
    return null;
  }

  /**
   * Prints the line of an error that came out of everything; whatever happens, it throws nothing.
   */
  static void print(Throwable e) {
    try {
      System.err.println(Printable.of(line(e)));
    } catch (Throwable again) {
      try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
        err.write(NO_MEMORY);
      } catch (IOException nobodyReads) {
        // Then the exit code says it.
      }
    }
  }

  /**
   * Has every thread that dies of what it did not catch end the tool: whoever waits for that thread
   * would wait for ever.
   */
  static void install() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> {
          print(e);
          // Not exit: that waits for hooks, which may need what there is no more of.
          Runtime.getRuntime().halt(1);
        });
  }
}
