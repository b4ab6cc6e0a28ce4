package dev.memdesc.cli.replay;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.ExpressibleAttributes;
import java.util.ArrayList;
import java.util.List;

/** A trace's domains in one format, and what is measured while events come. One thread uses it. */
final class ReplaySite implements AutoCloseable {
  /** Tables that may be looked at per event to find the stranded ones, and at the beginning. */
  private static final long TABLES_PER_EVENT = 2;

  private static final long TABLES_AT_ONCE = 1 << 16;

  /** The trace does not say. Hardware that notes accesses would only have more to write. */
  private static final Attributes WANTED =
      Attributes.of(Access.READ, Access.WRITE, Access.ACCESSED, Access.DIRTY);

  /** Unmaps that have no mapping in their domain are looked for in so many others. */
  private static final int MOST_SEARCHED = 64;

  private final ReplayTarget target;
  private final TableFormat format;
  private final Reader reader;
  private final List<String> domainNames;
  private final Attributes attributes;
  private final PageSizes sizes;
  private final Findings findings = new Findings();
  private final List<ReplayDomain> domains = new ArrayList<>();
  private final List<ReplayPages> pages = new ArrayList<>();
  private final Curve curve = new Curve();
  private long maps;
  private long unmaps;
  private long elsewhere;
  private long firstNanos;
  private long lastNanos;
  private long tablesVisited;
  private long peakBytes;
  private long peakEvents;
  private long peakWaitingBytes;
  private long workNanos;

  /**
   * Begins with the default domain.
   *
   * @param target stays the caller's
   * @param domainNames by the numbers that events have; it may grow while events come
   */
  ReplaySite(ReplayTarget target, List<String> domainNames) {
    this.target = target;
    this.format = target.format();
    this.domainNames = domainNames;
    this.attributes = ExpressibleAttributes.of(format, WANTED);
    this.sizes = singleItems(format);
    this.reader = target.newReader();
  }

  /** The sizes of leaves that take one item: a group of items costs no other tables. */
  private static PageSizes singleItems(TableFormat format) {
    long bitmap = 0;
    for (LevelLayout level : format.levels()) {
      if (!level.leaves().isEmpty()) {
        bitmap |= 1L << level.shift();
      }
    }
    return new PageSizes(bitmap);
  }

  /**
   * Replays events, in the order of the trace.
   *
   * @throws PageTableException if one cannot be replayed: the memory for tables is used up
   */
  void replay(ReplayBatch batch) {
    long began = System.nanoTime();
    for (int i = 0; i < batch.count(); i++) {
      if (maps + unmaps == curve.next()) {
        curve.add(sample());
      }
      lastNanos = batch.nanos[i];
      firstNanos = maps + unmaps == 0 ? lastNanos : firstNanos;
      try {
        replay(batch, i);
      } catch (PageTableException e) {
        throw PageTableException.because(e.reason(), "every event of a trace can be replayed")
            .with("format", format)
            .with("line", batch.lines[i])
            .with("tableBytes", linkedBytes())
            .hint(String.valueOf(e.getMessage()))
            .build(e);
      }
    }
    workNanos += System.nanoTime() - began;
  }

  private void replay(ReplayBatch batch, int i) {
    int number = batch.domains[i];
    if (number >= domains.size()) {
      openDomains(number);
    }
    long line = batch.lines[i];
    long iova = batch.iovas[i];
    long size = batch.sizes[i];
    switch (batch.kinds[i]) {
      case MAP -> {
        maps++;
        pages.get(number).map(line, iova, batch.values[i], size);
      }
      case MAP_PIECES -> {
        maps++;
        pages.get(number).mapPieces(line, iova, size);
      }
      case UNMAP, UNMAP_NAMED -> {
        unmaps++;
        number = batch.kinds[i] == ReplayBatch.Kind.UNMAP ? holder(number, iova) : number;
        pages.get(number).unmap(line, iova, size, batch.values[i]);
      }
    }
    long unhooked = domains.get(number).takeUnhooked();
    if (unhooked > 0) {
      // Between two such events tables only come, so this and the samples have the peak.
      peak(linkedBytes() + unhooked * format.level(0).table().bytes());
    }
  }

  private void openDomains(int last) {
    for (int number = domains.size(); number <= last; number++) {
      AddressSpace space = target.newDomain(domainNames.get(number));
      ReplayDomain domain = new ReplayDomain(space, reader, attributes, sizes);
      domains.add(domain);
      pages.add(new ReplayPages(domain, format, target.reserved(), target.tableBytes(), findings));
    }
  }

  /** The domain to unmap in: another one if only that has the iova. */
  private int holder(int number, long iova) {
    if (domains.size() == 1 || pages.get(number).isMapped(iova)) {
      return number;
    }
    int found = number;
    for (int other = 0; other < Math.min(domains.size(), MOST_SEARCHED); other++) {
      if (pages.get(other).isMapped(iova)) {
        if (found != number) {
          return number;
        }
        found = other;
      }
    }
    elsewhere += found == number ? 0 : 1;
    return found;
  }

  private void peak(long bytes) {
    if (bytes > peakBytes) {
      peakBytes = bytes;
      peakEvents = maps + unmaps;
    }
  }

  private long linkedBytes() {
    long bytes = 0;
    for (ReplayDomain domain : domains) {
      for (TableCounts.Level level : domain.counts().levels()) {
        bytes += level.linked() * format.largest().level(level.level()).table().bytes();
      }
    }
    return bytes;
  }

  private Curve.Sample sample() {
    long stranded = -1;
    if (tablesVisited <= TABLES_AT_ONCE + (maps + unmaps) * TABLES_PER_EVENT) {
      stranded = stranded().bytes();
    }
    return sample(stranded);
  }

  private StrandedTables stranded() {
    StrandedTables sums = new StrandedTables();
    domains.forEach(domain -> domain.addTo(sums));
    tablesVisited += sums.visited();
    return sums;
  }

  private Curve.Sample sample(long stranded) {
    long bytes = linkedBytes();
    peak(bytes);
    long waiting = domains.stream().mapToLong(domain -> domain.counts().waitingBytes()).sum();
    peakWaitingBytes = Math.max(peakWaitingBytes, waiting);
    long mapped = pages.stream().mapToLong(ReplayPages::mappedBytes).sum();
    return new Curve.Sample(
        maps + unmaps, lastNanos - firstNanos, bytes, stranded, mapped, target.commands());
  }

  /** What was measured. No more events come. */
  ReplayReport report() {
    if (domains.isEmpty()) {
      openDomains(0);
    }
    StrandedTables stranded = stranded();
    Curve.Sample last = sample(stranded.bytes());
    curve.end(last);
    List<ReplayReport.Level> levels = new ArrayList<>();
    for (LevelLayout layout : format.largest().levels()) {
      int level = levels.size();
      long linked = 0;
      for (ReplayDomain domain : domains) {
        List<TableCounts.Level> counts = domain.counts().levels();
        linked += level < counts.size() ? counts.get(level).linked() : 0;
      }
      levels.add(
          new ReplayReport.Level(
              level, layout.manualName(), linked, linked * layout.table().bytes()));
    }
    return new ReplayReport(
        format,
        domains.size(),
        maps,
        unmaps,
        elsewhere,
        last.tableBytes(),
        peakBytes,
        peakEvents,
        peakWaitingBytes,
        stranded.tables(),
        stranded.bytes(),
        last.mappedBytes(),
        pages.stream().mapToLong(ReplayPages::coveredBytes).sum(),
        pages.stream().mapToLong(ReplayPages::roundedEvents).sum(),
        levels,
        target.frameBytes(),
        target.commandsByName(),
        last.commands(),
        target.invalidations(),
        findings.counts(),
        workNanos / 1e9,
        curve.samples());
  }

  @Override
  public void close() {
    reader.close();
  }
}
