package dev.memdesc.cli.replay;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.output.ChartPage;
import java.nio.file.Path;

/** Writes a replay as a page with curves. */
final class ReplayPage {
  private ReplayPage() {}

  /**
   * Writes the page.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be written
   */
  static void write(Path file, ReplayRun.Result result) {
    ChartPage.of(ReplayPage.class, "replay").write(file, ReplayJson.tree(result));
  }
}
