package dev.memdesc.cli.bench;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.bench.fragments.FragmentsReport;
import dev.memdesc.cli.output.ChartPage;
import java.nio.file.Path;

/** Writes what {@code memdesc bench fragments} found as a page with curves. */
final class FragmentsPage {
  private FragmentsPage() {}

  /**
   * Writes the page.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be written
   */
  static void write(Path file, FragmentsReport report) {
    ChartPage.of(FragmentsPage.class, "fragments").write(file, FragmentsJson.tree(report));
  }
}
