package dev.memdesc.cli.survey;

/** Names and words of the files of a saved survey that are not copies of /proc; docs/survey.md. */
final class SavedFormat {
  /** The words of pagemap, mapping by mapping. */
  static final String PAGEMAP = "pagemap";

  /** The ranges of the scan. */
  static final String SCAN = "scan";

  /** What was seen while it was taken. */
  static final String ABOUT = "survey";

  /** In {@link #ABOUT}: whether the process stood still. */
  static final String QUIET = "quiet";

  /** In {@link #ABOUT}: {@code os.arch} of the machine. */
  static final String MACHINE = "machine";

  /** The last line of {@link #SCAN}: this word and the number of lines before it. */
  static final String SCAN_END = "end";

  private SavedFormat() {}

  /** A line of {@link #SCAN} without its line end. */
  static String scanLine(long start, long end, int categories) {
    return Long.toHexString(start) + "-" + Long.toHexString(end) + " " + Category.text(categories);
  }
}
