package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import dev.memdesc.cli.input.TextCursor;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ranges of a saved scan: lines {@code start-end psfzhg}, ascending, the last line {@code
 * end N} with the number of lines before it, so that a file that was cut is found out.
 */
final class ScanText {
  private final LineReader lines;
  private final BadLines bad;
  private final Path file;
  private @Nullable Line pending;
  private long previousEnd;
  private long count;
  private boolean ended;

  private record Line(long number, String text, long start, long end, int categories) {}

  ScanText(Path file, LineReader lines, BadLines bad) {
    this.file = file;
    this.lines = lines;
    this.bad = bad;
  }

  /**
   * Shows the ranges of a mapping. Mappings come in ascending order; ranges between them are bad
   * lines.
   *
   * @throws IOException if the file cannot be read on
   */
  void regions(Vma vma, RegionSink sink) throws IOException {
    for (Line line = peek(); line != null; line = peek()) {
      if (Long.compareUnsigned(line.start, vma.end()) >= 0) {
        return;
      }
      if (Long.compareUnsigned(line.start, vma.start()) < 0
          || Long.compareUnsigned(line.end, vma.end()) > 0) {
        bad.add(SavedFormat.SCAN, line.number, "is not inside one mapping", line.text);
      } else {
        sink.region(line.start, line.end, line.categories);
      }
      pending = null;
    }
  }

  /**
   * Reads what is left.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file was cut
   */
  void finish() throws IOException {
    for (Line line = peek(); line != null; line = peek()) {
      bad.add(SavedFormat.SCAN, line.number, "is in no mapping", line.text);
      pending = null;
    }
    if (!ended) {
      throw PageTableException.because(
              Reason.INPUT, "a saved scan ends with the number of its lines")
          .with("file", file)
          .with("lines", count)
          .hint("the file was cut; save the survey again")
          .build();
    }
  }

  private @Nullable Line peek() throws IOException {
    while (pending == null && !ended) {
      String text = lines.read();
      if (text == null) {
        return null;
      }
      if (text.startsWith(SavedFormat.SCAN_END + " ")) {
        readEnd(text);
        continue;
      }
      count++;
      pending = parse(text);
      if (pending == null) {
        bad.add(SavedFormat.SCAN, lines.number(), "is not \"start-end psfzhg\", ascending", text);
      }
    }
    return pending;
  }

  private void readEnd(String text) {
    TextCursor cursor = new TextCursor(text.substring(SavedFormat.SCAN_END.length() + 1));
    long expected = cursor.decimal();
    if (cursor.failed() || !cursor.atEnd() || expected != count) {
      bad.add(SavedFormat.SCAN, lines.number(), "has not the number of lines, " + count, text);
    }
    ended = true;
  }

  private @Nullable Line parse(String text) {
    TextCursor cursor = new TextCursor(text);
    long start = cursor.hex();
    boolean dash = cursor.skip('-');
    long end = cursor.hex();
    boolean blank = cursor.skip(' ');
    Integer categories = Category.parse(cursor.rest());
    if (cursor.failed()
        || !dash
        || !blank
        || categories == null
        || start % ProcessSource.PAGE_BYTES != 0
        || end % ProcessSource.PAGE_BYTES != 0
        || Long.compareUnsigned(start, end) >= 0
        || Long.compareUnsigned(start, previousEnd) < 0) {
      return null;
    }
    previousEnd = end;
    return new Line(lines.number(), text, start, end, categories);
  }
}
