package dev.memdesc.cli.survey;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.survey.ProcessSource.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the survey of one process: reads it region by region, builds its tables, counts them. */
final class Surveyor {
  private static final String MAPS = Text.MAPS.fileName();

  private final SpaceFactory spaces;
  private final int top;
  private final BadLines bad = new BadLines();
  private final List<SurveyReport.Contributor> contributors = new ArrayList<>();
  private final InvisibleBound invisible;
  private long mappingCount;
  private String kernelName = "";
  private long skipped;
  private long withoutDetails;

  /**
   * A survey to be taken once.
   *
   * @param top how many mappings to name
   */
  Surveyor(SpaceFactory spaces, int top) {
    this.spaces = spaces;
    this.top = top;
    this.invisible = new InvisibleBound(spaces.format());
  }

  /**
   * Takes the survey.
   *
   * @throws PageTableException for what the process or folder lacks, as {@link ProcessSource} says
   */
  SurveyReport take(ProcessSource source) {
    source.begin(bad);
    try (Reader reader = spaces.newReader();
        AddressSpace space = spaces.newSpace("pid " + source.pid())) {
      build(source, space);
      StatusText status = readStatus(source);
      boolean quiet = source.finish(bad.count() == 0);
      return report(source, space, reader, status, quiet);
    }
  }

  private void build(ProcessSource source, AddressSpace space) {
    // Both texts are read before anything else, so that a process that runs has little time to
    // make them differ.
    List<Vma> mappings = readMaps(source);
    List<@Nullable VmaDetails> details = readDetails(source, mappings);
    mappingCount = mappings.size();
    try (TableBuilder builder = new TableBuilder(space)) {
      for (int i = 0; i < mappings.size(); i++) {
        survey(source, mappings.get(i), details.get(i), builder, space);
      }
    }
  }

  private List<Vma> readMaps(ProcessSource source) {
    List<Vma> mappings = new ArrayList<>();
    try (InputStream in = source.open(Text.MAPS)) {
      LineReader lines = new LineReader(in);
      long previousEnd = 0;
      for (String line = lines.read(); line != null; line = lines.read()) {
        Vma vma = Vma.parse(line);
        if (vma == null || Long.compareUnsigned(vma.start(), previousEnd) < 0) {
          bad.add(MAPS, lines.number(), "is not a mapping behind the one before", line);
          if (!source.knowsHugePages()) {
            throw noPositions(source, lines.number());
          }
          continue;
        }
        previousEnd = vma.end();
        mappings.add(vma);
      }
    } catch (IOException e) {
      throw Failures.unreadable("maps of pid " + source.pid(), e.toString(), e);
    }
    return mappings;
  }

  private List<@Nullable VmaDetails> readDetails(ProcessSource source, List<Vma> mappings) {
    List<@Nullable VmaDetails> details = new ArrayList<>(mappings.size());
    try (InputStream in = source.open(Text.SMAPS)) {
      SmapsReader reader = new SmapsReader(new LineReader(in), bad);
      for (Vma vma : mappings) {
        details.add(reader.find(vma));
      }
    } catch (IOException e) {
      throw Failures.unreadable("smaps of pid " + source.pid(), e.toString(), e);
    }
    return details;
  }

  private static PageTableException noPositions(ProcessSource source, long number) {
    return PageTableException.because(
            Reason.INPUT, "words of a pagemap belong to the lines of maps, in order")
        .with("pid", source.pid())
        .with("line", number)
        .hint("that line is not a mapping, so the words behind it cannot be placed")
        .build();
  }

  private void survey(
      ProcessSource source,
      Vma vma,
      @Nullable VmaDetails found,
      TableBuilder builder,
      AddressSpace space) {
    if (vma.isKernelHalf()) {
      kernelName = vma.name();
      return;
    }
    VmaDetails details = found == null ? VmaDetails.UNKNOWN : found;
    if (found == null) {
      withoutDetails++;
    } else if (!found.hugetlb() && found.pageKiB() << 10 != ProcessSource.PAGE_BYTES) {
      throw PageTableException.because(Reason.INPUT, "a surveyed host has pages of 4 KiB")
          .with("pid", source.pid())
          .with("pageKiB", found.pageKiB())
          .build();
    }
    if (Long.compareUnsigned(vma.end() - 1, lastUserVa(space.format())) > 0) {
      skipped++;
      source.regions(vma, details, (start, end, categories) -> {});
      return;
    }
    long before = space.counts().hardwareBytes();
    builder.begin(vma, details);
    source.regions(vma, details, builder);
    if (builder.end()) {
      long bytes = space.counts().hardwareBytes() - before;
      if (bytes > 0) {
        contributors.add(new SurveyReport.Contributor(vma, bytes, details.residentKiB()));
      }
    }
    if (details.invisible()) {
      invisible.add(vma);
    }
  }

  /** The last va of the lower half, which is the processes'. */
  private static long lastUserVa(TableFormat format) {
    VaRule va = format.va();
    return va.bits() == 64
        ? Long.MAX_VALUE
        : (1L << (va.bits() - (va.extension() == VaRule.Extension.SIGN ? 1 : 0))) - 1;
  }

  private StatusText readStatus(ProcessSource source) {
    StatusText status;
    try (InputStream in = source.open(Text.STATUS)) {
      status = StatusText.read(new LineReader(in), bad);
    } catch (IOException e) {
      throw Failures.unreadable("status of " + source.pid(), e.toString(), e);
    }
    if (status.tablesKiB() < 0) {
      throw PageTableException.because(Reason.NO_PROCESS, "a status has a line VmPTE")
          .with("pid", source.pid())
          .with("state", status.state())
          .hint("the process ended, or is a kernel thread; or the file was cut")
          .build();
    }
    return status;
  }

  private SurveyReport report(
      ProcessSource source, AddressSpace space, Reader reader, StatusText status, boolean quiet) {
    TableFormat format = space.format();
    TableCounts counts = space.counts();
    List<Occupancy> occupancies = new ArrayList<>();
    format.levels().forEach(level -> occupancies.add(new Occupancy()));
    space.visitTables(
        (level, va, table) -> {
          occupancies.get(level).add(table.count(), format.level(level).items());
          invisible.exists(level, va);
        },
        reader);
    List<SurveyReport.Level> levels = new ArrayList<>();
    for (TableCounts.Level level : counts.levels()) {
      String name = format.level(level.level()).manualName();
      levels.add(new SurveyReport.Level(name, level, occupancies.get(level.level())));
    }
    if (quiet && withoutDetails > 0) {
      bad.add("smaps has no entry for %d mappings of a quiet process".formatted(withoutDetails));
    }
    contributors.sort(Comparator.comparingLong(SurveyReport.Contributor::tableBytes).reversed());
    boolean stoodStill = quiet && withoutDetails == 0;
    long predictedKiB = counts.hardwareBytes() >> 10;
    long boundKiB = invisible.bytes() >> 10;
    Difference difference =
        spaces.isFormatOf(source.machine())
            ? Difference.split(
                status.tablesKiB() - predictedKiB, bad.count() == 0, stoodStill, boundKiB)
            : null;
    return new SurveyReport(
        source.pid(),
        Printable.of(status.name()),
        format.name(),
        source.knowsHugePages(),
        stoodStill,
        bad.shown(),
        bad.count(),
        predictedKiB,
        status.tablesKiB(),
        difference,
        boundKiB,
        status.residentKiB(),
        counts.allocatedBytes() >> 10,
        levels,
        mappingCount,
        List.copyOf(contributors.subList(0, Math.min(top, contributors.size()))),
        notes(source));
  }

  private List<String> notes(ProcessSource source) {
    List<String> notes = new ArrayList<>();
    if (!kernelName.isEmpty()) {
      notes.add(Printable.of(kernelName) + " lies in the kernel's half and is left out");
    }
    if (skipped > 0) {
      notes.add(
          "%d mappings lie beyond what a process can map in this format and are left out"
              .formatted(skipped));
    }
    if (withoutDetails > 0) {
      notes.add(
          "%d mappings are not in smaps: their flags are not known".formatted(withoutDetails));
    }
    if (!source.knowsHugePages()) {
      notes.add("huge pages are inferred from smaps: the kernel has no PAGEMAP_SCAN");
    }
    return notes;
  }
}
