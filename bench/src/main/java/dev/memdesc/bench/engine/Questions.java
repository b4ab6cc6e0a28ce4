package dev.memdesc.bench.engine;

import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.bench.Places;
import dev.memdesc.bench.engine.Question.Row;
import java.util.ArrayList;
import java.util.List;

/** The questions about the engine, asked of one format. */
public final class Questions {
  /** A multiple of every span that a question needs aligned, and legal in every format. */
  private static final long VA = 1L << 36;

  private static final long PA = 1L << 35;

  private static final int CONTIGUOUS_PAGES = 1 << 18;
  private static final int SPREAD_PAGES = 1 << 18;
  private static final int CHUNK = 1 << 14;
  private static final int EXISTING_RANGES = 8;
  private static final int LARGEST_LEAVES = 3;

  private Questions() {}

  /** Whether any question is about addresses that a format has: PAE's va ends before them. */
  public static boolean fit(TableFormat format) {
    return !of(format).isEmpty();
  }

  /** Every question whose addresses the format has, in the order of the report. */
  public static List<Question> of(TableFormat format) {
    return of(format, CHUNK);
  }

  /** The same with single operations one at a time: to count what one does. */
  static List<Question> ofSingleOperations(TableFormat format) {
    return of(format, 1);
  }

  private static List<Question> of(TableFormat format, int chunk) {
    LevelLayout level0 = format.level(0);
    long frame = format.frameBytes();
    long span = 1L << level0.spanLg2();
    List<Question> questions = new ArrayList<>();
    if (has(format, CONTIGUOUS_PAGES * frame)) {
      questions.add(contiguous(format));
    }
    if (has(format, (EXISTING_RANGES + 1) * 2 * span)) {
      questions.add(existing(format));
    }
    if (has(format, SPREAD_PAGES * frame)) {
      questions.add(pages(format, chunk));
      questions.add(translate(chunk));
    }
    if (format.rootLevel() > 0 && has(format, (LARGEST_LEAVES + 3L) << format.level(1).spanLg2())) {
      questions.add(mixed(format, chunk));
    }
    return List.copyOf(questions);
  }

  /** Whether a format has the addresses from where the questions begin. */
  private static boolean has(TableFormat format, long bytes) {
    return format.va().allows(VA)
        && format.va().allows(VA + bytes - 1)
        && (format.paBits() == Long.SIZE || (PA + bytes - 1) >>> format.paBits() == 0);
  }

  /** Ranges with all their leaf tables, which are allocated and freed again. */
  private static Question contiguous(TableFormat format) {
    return new RangeQuestion(
        "contiguous",
        List.of(
            new Row("map 262144 pages, with their tables", CONTIGUOUS_PAGES),
            new Row("unmap 262144 pages, with their tables", CONTIGUOUS_PAGES)),
        VA,
        0,
        CONTIGUOUS_PAGES * format.frameBytes(),
        format.frameBytes(),
        1,
        List.of(),
        format.frameBytes(),
        Places.inOrder(VA, PA, 1),
        false);
  }

  /** Ranges that lie half in each of two leaf tables that hold another entry too. */
  private static Question existing(TableFormat format) {
    LevelLayout leaves = format.level(0);
    long span = 1L << leaves.spanLg2();
    int pages = leaves.items();
    return new RangeQuestion(
        "existing",
        List.of(
            new Row("map " + pages + " pages into 2 tables", EXISTING_RANGES * pages),
            new Row("unmap " + pages + " pages from 2 tables", EXISTING_RANGES * pages)),
        VA + span / 2,
        2 * span,
        span,
        format.frameBytes(),
        EXISTING_RANGES,
        List.of(-(span / 2), span + span / 2 - format.frameBytes()),
        format.frameBytes(),
        Places.inOrder(VA, PA, 1),
        false);
  }

  /** Single pages among tables whose last item stays in use. */
  private static Question pages(TableFormat format, int chunk) {
    int items = format.level(0).items();
    long span = 1L << format.level(0).spanLg2();
    return new PageQuestion(
        "pages",
        List.of(new Row("map a random page", chunk), new Row("unmap a random page", chunk)),
        Places.shuffledWithout(VA, PA, SPREAD_PAGES, items),
        VA + span - format.frameBytes(),
        span,
        format.frameBytes(),
        SPREAD_PAGES / items,
        chunk);
  }

  private static Question translate(int chunk) {
    return new TranslateQuestion(
        "translate",
        List.of(
            new Row("translate a random page", chunk), new Row("translate the next page", chunk)),
        Places.shuffled(VA, PA, SPREAD_PAGES),
        Places.inOrder(VA, PA, SPREAD_PAGES),
        chunk);
  }

  /**
   * One range that begins and ends in the middle of a leaf table: half a table of base pages, half
   * a table of level-1 leaves, three leaves of level 2, and the other halves.
   */
  private static Question mixed(TableFormat format, int chunk) {
    LevelLayout level0 = format.level(0);
    LevelLayout level1 = format.level(1);
    long large = 1L << level1.spanLg2();
    long head = (large >>> 1) - (1L << level0.spanLg2()) + (1L << (level0.spanLg2() - 1));
    long length = (LARGEST_LEAVES + 1) * large;
    int leaves = level0.items() + level1.items() - 1 + LARGEST_LEAVES;
    long va = VA + large - head;
    List<Row> rows = new ArrayList<>();
    rows.add(new Row("map a leaf of mixed sizes", leaves));
    rows.add(new Row("unmap a leaf of mixed sizes", leaves));
    rows.add(new Row("translate in mixed sizes", chunk));
    return new RangeQuestion(
        "mixed",
        List.copyOf(rows),
        va,
        0,
        length,
        -1L,
        1,
        List.of(),
        format.frameBytes(),
        Places.drawn(va, PA + large - head, (int) (length >>> format.frameLg2()), chunk),
        true);
  }
}
