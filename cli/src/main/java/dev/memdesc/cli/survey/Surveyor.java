package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import dev.memdesc.cli.input.Printable;
import dev.memdesc.cli.survey.ProcessSource.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the survey of one process: reads it region by region, once, and builds its tables in one
 * format or in several side by side.
 */
final class Surveyor {
  private static final String MAPS = Text.MAPS.fileName();

  private final List<SpaceFactory> formats;
  private final int top;
  private final BadLines bad = new BadLines();
  private long mappingCount;
  private String kernelName = "";
  private long withoutDetails;

  /**
   * A survey to be taken once.
   *
   * @param formats where tables are built; each has a report of its own
   * @param top how many mappings to name
   */
  Surveyor(List<SpaceFactory> formats, int top) {
    this.formats = List.copyOf(formats);
    this.top = top;
  }

  /**
   * Takes the survey.
   *
   * @return a report for each format, in their order
   * @throws PageTableException for what the process or folder lacks, as {@link ProcessSource} says
   */
  List<SurveyReport> take(ProcessSource source) {
    source.begin(bad);
    List<SurveySite> sites = new ArrayList<>();
    try {
      build(source, sites);
      StatusText status = readStatus(source);
      boolean quiet = source.finish(bad.count() == 0);
      if (quiet && withoutDetails > 0) {
        bad.add("smaps has no entry for %d mappings of a quiet process".formatted(withoutDetails));
      }
      SurveySite.Subject subject =
          new SurveySite.Subject(
              source.pid(),
              source.machine(),
              status,
              source.knowsHugePages(),
              quiet && withoutDetails == 0,
              bad.shown(),
              bad.count(),
              mappingCount);
      List<String> notes = notes(source);
      return sites.stream().map(site -> site.report(subject, notes)).toList();
    } finally {
      sites.forEach(SurveySite::close);
    }
  }

  private void build(ProcessSource source, List<SurveySite> sites) {
    // Both texts are read before anything else, so that a process that runs has little time to
    // make them differ.
    List<Vma> mappings = readMaps(source);
    List<@Nullable VmaDetails> details = readDetails(source, mappings);
    mappingCount = mappings.size();
    List<Vma> ofProcess = mappings.stream().filter(vma -> !vma.isKernelHalf()).toList();
    for (SpaceFactory format : formats) {
      sites.add(new SurveySite(format, source.pid(), ofProcess, top));
    }
    for (int i = 0; i < mappings.size(); i++) {
      survey(source, mappings.get(i), details.get(i), sites);
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
      ProcessSource source, Vma vma, @Nullable VmaDetails found, List<SurveySite> sites) {
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
    sites.forEach(site -> site.begin(vma, details));
    source.regions(
        vma,
        details,
        (start, end, categories) -> sites.forEach(site -> site.region(start, end, categories)));
    sites.forEach(site -> site.end(vma, details));
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

  private List<String> notes(ProcessSource source) {
    List<String> notes = new ArrayList<>();
    if (!kernelName.isEmpty()) {
      notes.add(Printable.of(kernelName) + " lies in the kernel's half and is left out");
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
