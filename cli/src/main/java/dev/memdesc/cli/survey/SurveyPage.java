package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.output.ChartPage;
import java.nio.file.Path;
import java.util.List;

/** Writes reports as one page with charts. */
final class SurveyPage {
  private static final ChartPage PAGE = ChartPage.of(SurveyPage.class, "survey");

  private static final ChartPage COMPARISON = ChartPage.of(SurveyPage.class, "comparison");

  private SurveyPage() {}

  /**
   * Writes the page.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be written
   */
  static void write(Path file, List<SurveyReport> reports) {
    PAGE.write(file, SurveyJson.tree(reports));
  }

  /** Writes the page of {@code --as}; throws as {@link #write}. */
  static void writeComparisons(Path file, List<Comparison> comparisons) {
    COMPARISON.write(file, ComparisonOutput.tree(comparisons));
  }

  /** The text of the page. */
  static String page(List<SurveyReport> reports) {
    return PAGE.page(SurveyJson.tree(reports));
  }
}
