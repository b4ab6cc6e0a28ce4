package dev.memdesc.bench.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What one fork measured: figures by row and subject. */
final class ForkResult {
  /** The subject that is the engine. */
  static final String OURS = "ours";

  private static final String SEPARATOR = "\t";

  /**
   * A figure.
   *
   * @param nanos per operation
   * @param ratio what the engine took as a multiple of this subject
   * @param heapBytes that it allocated per operation
   */
  record Figure(double nanos, double ratio, double heapBytes) {}

  private final Map<String, Figure> figures = new LinkedHashMap<>();

  void add(String row, String subject, Figure figure) {
    figures.put(row + SEPARATOR + subject, figure);
  }

  /** Adds what another JVM measured, of other rows. */
  void addAll(ForkResult other) {
    figures.putAll(other.figures);
  }

  Optional<Figure> figure(String row, String subject) {
    return Optional.ofNullable(figures.get(row + SEPARATOR + subject));
  }

  /** A line for each figure. */
  String toText() {
    StringBuilder text = new StringBuilder();
    figures.forEach(
        (key, figure) ->
            text.append(key)
                .append(SEPARATOR)
                .append(figure.nanos())
                .append(SEPARATOR)
                .append(figure.ratio())
                .append(SEPARATOR)
                .append(figure.heapBytes())
                .append('\n'));
    return text.toString();
  }

  static ForkResult ofText(String text) {
    ForkResult result = new ForkResult();
    text.lines()
        .map(line -> line.split(SEPARATOR, -1))
        .forEach(
            field ->
                result.add(
                    field[0],
                    field[1],
                    new Figure(
                        Double.parseDouble(field[2]),
                        Double.parseDouble(field[3]),
                        Double.parseDouble(field[4]))));
    return result;
  }
}
