package dev.memdesc.cli.output;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** A progress bar on the terminal, if there is one. */
public final class TerminalProgress implements AutoCloseable {
  private static final int COLUMNS = 79;

  private final @Nullable ProgressBar bar;

  /**
   * Starts at 0.
   *
   * @param wanted whether to show anything at all
   * @param title what is being done
   * @param steps how many there will be
   */
  public TerminalProgress(boolean wanted, String title, long steps) {
    bar =
        wanted && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            ? newBar(title, steps)
            : null;
  }

  private static ProgressBar newBar(String title, long steps) {
    PrintStream terminal =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());
    return new ProgressBarBuilder()
        .setTaskName(title)
        .setInitialMax(steps)
        .setConsumer(new ConsoleProgressBarConsumer(terminal, COLUMNS))
        .clearDisplayOnFinish()
        .build();
  }

  /** Shows what comes now. */
  public void begin(String what) {
    if (bar != null) {
      bar.setExtraMessage(what);
    }
  }

  /** Some steps are done. */
  public void add(long steps) {
    if (bar != null) {
      bar.stepBy(steps);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
