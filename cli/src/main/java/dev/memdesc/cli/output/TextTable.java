package dev.memdesc.cli.output;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table whose columns align: numbers to the right, everything else to the left. */
public final class TextTable {
  private final List<String> titles;
  private final List<Object[]> rows = new ArrayList<>();

  /** A table with these column titles and no rows. */
  public TextTable(String... titles) {
    this.titles = List.of(titles);
  }

  /**
   * Adds a row; a {@link Number} is printed with groups of three digits, aligned right; a {@link
   * BigDecimal} with the decimals it has.
   */
  public TextTable row(Object... cells) {
    if (cells.length != titles.size()) {
      throw new IllegalArgumentException(
          "a row has a cell per title: cells=" + cells.length + ", titles=" + titles.size());
    }
    rows.add(cells);
    return this;
  }

  /** Prints the table, indented by two blanks, without lines around it. */
  public void print(PrintWriter out) {
    List<Column> columns = new ArrayList<>();
    String[][] cells = new String[rows.size()][titles.size()];
    for (int c = 0; c < titles.size(); c++) {
      boolean numeric = false;
      for (int r = 0; r < rows.size(); r++) {
        Object cell = rows.get(r)[c];
        numeric |= cell instanceof Number;
        cells[r][c] = text(cell);
      }
      HorizontalAlign align = numeric ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT;
      columns.add(
          new Column().header(titles.get(c)).headerAlign(align).dataAlign(align).maxWidth(200));
    }
    String table =
        AsciiTable.builder()
            .border(AsciiTable.NO_BORDERS)
            .data(columns.toArray(Column[]::new), cells)
            .asString();
    table.lines().map(line -> " " + line.stripTrailing()).forEach(out::println);
  }

  // Not a switch over types, and not formats: each costs a command as short as list 20 ms.
  private static String text(Object cell) {
    if (cell instanceof Integer || cell instanceof Long) {
      return grouped(((Number) cell).longValue());
    }
    if (cell instanceof BigDecimal exact) {
      return exact.toPlainString();
    }
    if (cell instanceof Number number) {
      return String.format(Locale.ROOT, "%,.1f", number.doubleValue());
    }
    return cell.toString();
  }

  private static String grouped(long number) {
    StringBuilder text = new StringBuilder().append(number);
    for (int i = text.length() - 3; i > (number < 0 ? 1 : 0); i -= 3) {
      text.insert(i, ',');
    }
    return text.toString();
  }
}
