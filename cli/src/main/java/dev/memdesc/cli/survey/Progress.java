package dev.memdesc.cli.survey;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** A progress bar on the terminal, if standard error is one. */
final class Progress implements AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final int COLUMNS = 79;

  private final @Nullable ProgressBar bar;

  /**
   * Starts at 0.
   *
   * @param wanted whether to show anything at all
   * @param steps how many steps there will be
   */
  Progress(boolean wanted, int steps) {
    bar = wanted && Native.isTerminal(STANDARD_ERROR) ? newBar(steps) : null;
  }

  private static ProgressBar newBar(int steps) {
    PrintStream terminal =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());
    return new ProgressBarBuilder()
        .setTaskName("survey")
        .setInitialMax(steps)
        .setConsumer(new ConsoleProgressBarConsumer(terminal, COLUMNS))
        .clearDisplayOnFinish()
        .build();
  }

  /** One step is done. */
  void step() {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
