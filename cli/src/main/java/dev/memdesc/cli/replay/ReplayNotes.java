package dev.memdesc.cli.replay;

import dev.memdesc.api.PageSizes;
import dev.memdesc.cli.input.Printable;
import dev.memdesc.cli.trace.TraceReader;
import java.util.ArrayList;
import java.util.List;

/** What a reader of a replay's numbers has to know. */
final class ReplayNotes {
  private ReplayNotes() {}

  /** What is so in every format. */
  static List<String> of(TraceSummary trace) {
    List<String> notes = new ArrayList<>();
    notes.add(domains(trace));
    if (trace.lostEvents() > 0) {
      notes.add(
          "the tracer lost %,d events: maps and unmaps may be among them"
              .formatted(trace.lostEvents()));
    }
    if (trace.scatterMaps() > 0) {
      notes.add(
          "%,d map_sg events do not say where their pieces lie: they are mapped in the smallest pages,"
                  .formatted(trace.scatterMaps())
              + " which need the most tables");
    }
    if (trace.unknownEvents() > 0) {
      notes.add(
          "%,d iommu events of names that replay does not know were passed over: %s%s"
              .formatted(
                  trace.unknownEvents(),
                  Printable.of(String.join(", ", trace.unknownNames())),
                  trace.unknownNames().size() < TraceReader.NAMES_SHOWN ? "" : ", ..."));
    }
    if (trace.unitlessTimes() > 0) {
      notes.add(
          "the clock of %,d events has no unit (counter, x86-tsc, uptime): their seconds are unknown"
              .formatted(trace.unitlessTimes()));
    }
    if (trace.timeless() > 0) {
      notes.add("%,d events have no time of their own".formatted(trace.timeless()));
    }
    if (trace.faults() > 0) {
      notes.add("%,d io_page_fault events are counted, not replayed".formatted(trace.faults()));
    }
    trace
        .refused()
        .counts()
        .forEach(
            (finding, count) ->
                notes.add("%s: %,d times".formatted(finding.sentence(), count.count())));
    return notes;
  }

  private static String domains(TraceSummary trace) {
    if (trace.named()) {
      return "%,d domains: events name theirs; those that name none are in default%s"
          .formatted(
              trace.domains().size(),
              trace.split() ? " or in that of the device that was attached last" : "");
    }
    if (!trace.split()) {
      return trace.attaches() == 0
          ? "events do not say which domain they belong to: all are replayed in one"
          : "events do not say which domain they belong to: all are replayed in one;"
              + " --split-by device-events goes by the %,d attach events"
                  .formatted(trace.attaches());
    }
    if (trace.attaches() == 0) {
      return "no event says that a device was attached: all are replayed in one domain";
    }
    return "%,d domains: an event belongs to the device that its process attached last, or else to"
            .formatted(trace.domains().size())
        + " the one attached last; the kernel's events do not say";
  }

  /** What is so in one format. */
  static List<String> of(ReplayReport report) {
    List<String> notes = new ArrayList<>();
    if (report.roundedEvents() > 0) {
      notes.add(
          "%s maps a page of %s if any 4K of it is mapped: %,d events were rounded outward, %,d KiB"
                  .formatted(
                      report.format(),
                      PageSizes.name(report.format().frameLg2()),
                      report.roundedEvents(),
                      (report.coveredBytes() - report.mappedBytes()) >> 10)
              + " more are mapped at the end");
    }
    if (report.elsewhere() > 0) {
      notes.add(
          "%s: %,d unmaps were of another domain, the only one that had their iova"
              .formatted(report.format(), report.elsewhere()));
    }
    return notes;
  }
}
