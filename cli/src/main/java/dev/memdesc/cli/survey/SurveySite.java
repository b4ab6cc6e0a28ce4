package dev.memdesc.cli.survey;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.input.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Where the tables of one process are built in one format, and counted. */
final class SurveySite implements RegionSink, AutoCloseable {
  private final SpaceFactory spaces;
  private final TableFormat format;
  private final int top;
  private final Reader reader;
  private final AddressSpace space;
  private final TableBuilder builder;
  private final AddressFit fit;
  private final InvisibleBound invisible;
  private final List<SurveyReport.Contributor> contributors = new ArrayList<>();
  private boolean building;
  private long bytesBefore;
  private long skipped;

  /**
   * An empty address space for a process.
   *
   * @param mappings of the process's half, ascending
   * @param top how many mappings to name
   */
  SurveySite(SpaceFactory spaces, long pid, List<Vma> mappings, int top) {
    this.spaces = spaces;
    this.format = spaces.format();
    this.top = top;
    this.fit = AddressFit.of(mappings, format);
    this.invisible = new InvisibleBound(format);
    this.reader = spaces.newReader();
    this.space = spaces.newSpace("pid " + pid);
    this.builder = new TableBuilder(space);
  }

  /** Begins with a mapping; mappings come in ascending order. */
  void begin(Vma vma, VmaDetails details) {
    building = fit.holds(vma);
    if (!building) {
      skipped++;
      return;
    }
    bytesBefore = space.counts().hardwareBytes();
    builder.begin(vma, details, fit.shift(vma));
  }

  @Override
  public void region(long start, long end, int categories) {
    if (building) {
      builder.region(start, end, categories);
    }
  }

  /** Ends the mapping that was begun. */
  void end(Vma vma, VmaDetails details) {
    if (!building) {
      return;
    }
    if (builder.end()) {
      long bytes = space.counts().hardwareBytes() - bytesBefore;
      if (bytes > 0) {
        contributors.add(new SurveyReport.Contributor(vma, bytes, details.residentKiB()));
      }
    }
    if (details.invisible()) {
      invisible.add(vma.movedDown(fit.shift(vma)));
    }
  }

  /**
   * Counts what was built.
   *
   * @param subject what was read of the process
   * @param notes on what was read
   */
  SurveyReport report(Subject subject, List<String> notes) {
    TableCounts counts = space.counts();
    List<Occupancy> occupancies = new ArrayList<>();
    format.levels().forEach(level -> occupancies.add(new Occupancy()));
    Footprint.Counter footprint = new Footprint.Counter(format);
    space.visitTables(
        (level, va, table) -> {
          occupancies.get(level).add(table.count(), format.level(level).items());
          invisible.exists(level, va);
          footprint.add(table);
        },
        reader);
    List<SurveyReport.Level> levels = new ArrayList<>();
    for (TableCounts.Level level : counts.levels()) {
      String name = format.level(level.level()).manualName();
      levels.add(new SurveyReport.Level(name, level, occupancies.get(level.level())));
    }
    contributors.sort(Comparator.comparingLong(SurveyReport.Contributor::tableBytes).reversed());
    long predictedKiB = counts.hardwareBytes() >> 10;
    long boundKiB = invisible.bytes() >> 10;
    StatusText status = subject.status();
    Difference difference =
        spaces.isFormatOf(subject.machine())
            ? Difference.split(
                status.tablesKiB() - predictedKiB,
                subject.badLineCount() == 0,
                subject.quiet(),
                boundKiB)
            : null;
    return new SurveyReport(
        subject.pid(),
        Printable.of(status.name()),
        format.name(),
        format.frameLg2(),
        subject.scanned(),
        subject.quiet(),
        subject.badLines(),
        subject.badLineCount(),
        predictedKiB,
        status.tablesKiB(),
        difference,
        boundKiB,
        status.residentKiB(),
        counts.allocatedBytes() >> 10,
        footprint.sum(builder.mappedBytes()),
        levels,
        subject.mappingCount(),
        List.copyOf(contributors.subList(0, Math.min(top, contributors.size()))),
        allNotes(notes));
  }

  private List<String> allNotes(List<String> notes) {
    List<String> all = new ArrayList<>(notes);
    if (fit.isMoved()) {
      all.add(
          "%s translates fewer addresses: mappings are moved closer together".formatted(format));
    }
    if (skipped > 0) {
      all.add(
          "%d mappings lie beyond what a process can map in this format and are left out"
              .formatted(skipped));
    }
    return all;
  }

  @Override
  public void close() {
    try (reader;
        space) {
      builder.close();
    }
  }

  /**
   * What was read of the process, the same for every format.
   *
   * @param machine {@code os.arch} of the machine that it ran on
   * @param scanned whether huge pages were told apart
   */
  record Subject(
      long pid,
      String machine,
      StatusText status,
      boolean scanned,
      boolean quiet,
      List<String> badLines,
      long badLineCount,
      long mappingCount) {}
}
