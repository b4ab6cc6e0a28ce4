package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageTableException;
import dev.memdesc.bench.trace.TraceGenerator;
import dev.memdesc.bench.trace.TraceKind;
import dev.memdesc.bench.trace.TraceStyle;
import dev.memdesc.cli.trace.TraceLine;
import dev.memdesc.cli.trace.TraceReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces on formats of processors: what the tables cost, and what is odd about the events. */
@Timeout(900)
class ReplayRunTest {
  static ReplayRun.Result replay(byte[] text, boolean split, ReplayTarget... targets) {
    List<ReplayTarget> all = List.of(targets);
    try (TraceReader reader = TraceReader.open("-", new ByteArrayInputStream(text))) {
      return new ReplayRun(reader, all, split).run(_ -> {});
    } finally {
      all.forEach(ReplayTarget::close);
    }
  }

  static byte[] generated(TraceKind kind, long events) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new TraceGenerator(kind, events, 1, TraceStyle.TRACE_CMD).write(out);
    return out.toByteArray();
  }

  /** Each line: {@code m iova pa size}, {@code u iova size}, {@code a device}; hexadecimal. */
  static byte[] trace(String... events) {
    StringBuilder text = new StringBuilder();
    for (String event : events) {
      String[] words = event.split(" ", -1);
      text.append("a-").append(words[0].length() > 1 ? words[0].substring(1) : "1");
      text.append(" [000] 1.000000: ");
      switch (words[0].charAt(0)) {
        case 'm' ->
            text.append(
                "map: IOMMU: iova=0x%s paddr=0x%s size=%d"
                    .formatted(words[1], words[2], Long.parseLong(words[3], 16)));
        case 'u' -> {
          long size = Long.parseLong(words[2], 16);
          long unmapped = words.length > 3 ? Long.parseLong(words[3], 16) : size;
          text.append(
              "unmap: IOMMU: iova=0x%s size=%d unmapped_size=%d"
                  .formatted(words[1], size, unmapped));
        }
        case 'a' -> text.append("attach_device_to_domain: IOMMU: device=").append(words[1]);
        case 'd' -> text.append("detach_device_from_domain: IOMMU: device=").append(words[1]);
        case 'g' -> text.append("add_device_to_group: IOMMU: groupID=7 device=").append(words[1]);
        default -> throw new IllegalArgumentException(event);
      }
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static ReplayReport one(String format, String... events) {
    return replay(trace(events), false, new SpaceTarget(format)).reports().getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    // 16 GiB: a leaf table of 4K items for each 2 MiB, and what leads there.
    "x86/4-level, 8192, 16, 1",
    "arm64/64k-48, 32, 0, 1",
    "arm64/16k-48, 512, 1, 1"
  })
  void aStressLeavesEveryTableBehind(String name, long leafTables, long upper, long higher)
      throws IOException {
    long pages = 8192;
    ReplayRun.Result result =
        replay(generated(TraceKind.IOVA_STRESS, 2 * pages), false, new SpaceTarget(name));
    ReplayReport report = result.reports().getFirst();
    assertThat(report.findings()).isEmpty();
    assertThat(report.maps()).isEqualTo(pages);
    assertThat(report.unmaps()).isEqualTo(pages);
    assertThat(report.mappedBytes()).isZero();
    assertThat(report.coveredBytes()).isZero();
    assertThat(report.levels().get(0).linked()).isEqualTo(leafTables);
    long rest = report.levels().stream().skip(1).mapToLong(ReplayReport.Level::linked).sum();
    assertThat(rest).isEqualTo(1 + upper + (report.levels().size() > 2 ? higher : 0));
    assertThat(report.tableBytes()).isEqualTo(report.peakTableBytes());
    // All but the root would go.
    assertThat(report.strandedTables()).isEqualTo(leafTables + rest - 1);
    long rootBytes = report.levels().getLast().bytes();
    assertThat(report.strandedBytes()).isEqualTo(report.tableBytes() - rootBytes);
    assertThat(report.samples().getLast().events()).isEqualTo(2 * pages);
    assertThat(report.samples().getLast().strandedBytes()).isEqualTo(report.strandedBytes());
  }

  @ParameterizedTest
  @EnumSource
  void realisticTracesHaveNoFindings(TraceKind kind) throws IOException {
    ReplayRun.Result result =
        replay(
            generated(kind, 60_000),
            false,
            new SpaceTarget("x86/4-level"),
            new SpaceTarget("arm64/16k-48"),
            new SpaceTarget("arm64/64k-48"));
    assertThat(result.trace().events() + result.trace().attaches()).isEqualTo(60_000);
    assertThat(result.trace().badLineCount()).isZero();
    List<ReplayReport> reports = result.reports();
    assertThat(reports).hasSize(3);
    for (ReplayReport report : reports) {
      assertThat(report.findings()).as("%s", report.format()).isEmpty();
      assertThat(report.mappedBytes()).isEqualTo(reports.getFirst().mappedBytes());
      assertThat(report.coveredBytes()).isGreaterThanOrEqualTo(report.mappedBytes());
      assertThat(report.peakTableBytes()).isGreaterThanOrEqualTo(report.tableBytes());
      assertThat(report.samples()).hasSizeLessThanOrEqualTo(Curve.MOST + 1);
    }
    assertThat(reports.getFirst().coveredBytes()).isEqualTo(reports.getFirst().mappedBytes());
    assertThat(reports.getFirst().roundedEvents()).isZero();
    assertThat(reports.getLast().roundedEvents()).isPositive();
  }

  @Test
  void oddEventsAreFindingsWithTheirLines() {
    ReplayReport report =
        one(
            "x86/4-level",
            "m 200000 40000000 200000",
            "m 201000 1000 1000", // 2: twice
            "u 300000 1000", // 3: never mapped? it is: a part of the large leaf that was split
            "u 800000 1000", // 4: never
            "m 400000 80000000 200000",
            "u 500000 1000", // 6: cuts
            "u 400000 200000", // 7: a page of it is gone
            "m 1001 1000 1000", // 8: misaligned
            "m 1000 1000 0", // 9: nothing
            "m 800000000000 1000 1000", // 10: not canonical
            "m 7ffffffff000 1000 2000", // 11: runs out of the lower half
            "m fffffffffffff000 1000 2000", // 12: wraps
            "m 1000 10000000000000 1000", // 13: the pa has 53 bits
            "u 1000 1000 0"); // 14: the kernel says so itself
    assertThat(report.findings())
        .containsOnlyKeys(
            Finding.DOUBLE_MAP,
            Finding.NEVER_MAPPED,
            Finding.CUT_LEAF,
            Finding.PARTLY_MAPPED,
            Finding.MISALIGNED,
            Finding.ZERO_LENGTH,
            Finding.OUTSIDE_FORMAT,
            Finding.PA_TOO_WIDE);
    assertThat(lines(report, Finding.DOUBLE_MAP)).containsExactly(2L);
    assertThat(lines(report, Finding.NEVER_MAPPED)).containsExactly(4L, 14L);
    assertThat(lines(report, Finding.CUT_LEAF)).containsExactly(6L);
    assertThat(lines(report, Finding.PARTLY_MAPPED)).containsExactly(7L);
    assertThat(lines(report, Finding.MISALIGNED)).containsExactly(8L);
    assertThat(lines(report, Finding.ZERO_LENGTH)).containsExactly(9L);
    assertThat(lines(report, Finding.OUTSIDE_FORMAT)).containsExactly(10L, 11L, 12L);
    assertThat(lines(report, Finding.PA_TOO_WIDE)).containsExactly(13L);
    assertThat(report.mappedBytes()).isEqualTo(0x200000 - 0x1000);
    assertThat(report.coveredBytes()).isEqualTo(report.mappedBytes());
  }

  private static List<Long> lines(ReplayReport report, Finding finding) {
    return Objects.requireNonNull(report.findings().get(finding), finding.key()).firstLines();
  }

  /** What is mapped afterwards is the same in every format, and nothing is mapped twice later. */
  @ParameterizedTest
  @ValueSource(strings = {"x86/4-level", "arm64/4k-48", "arm64/16k-48", "arm64/64k-48"})
  void theKernelMayTakeLargeLeavesWhole(String format) {
    ReplayReport report =
        one(
            format,
            "m 200000 40000000 200000",
            "u 300000 1000 200000", // a page of the middle: the leaf goes
            "m 200000 80001000 200000", // no large leaf here: the pa is odd
            "u 200000 1000 200000", // the superpage probe of VFIO
            "m 200000 40000000 200000",
            "m 400000 40400000 400000",
            "u 3ff000 202000 600000", // from the first leaf's last page to the third's first
            "m 1ff000 40000000 1000",
            "m 200000 40000000 200000",
            "u 1ff000 2000 201000", // a page, then a leaf
            "m 40000000 40000000 40000000",
            "u 40000000 1000 40000000",
            "m 0 40000000 80000000"); // were anything left, this would say so
    assertThat(report.findings()).isEmpty();
    assertThat(report.mappedBytes()).isEqualTo(0x80000000L);
    assertThat(report.coveredBytes()).isEqualTo(0x80000000L);
  }

  @Test
  void anUnmapThatTookMoreThanIsThereIsOnePartly() {
    ReplayReport report = one("x86/4-level", "m 200000 40000000 1000", "u 200000 1000 200000");
    assertThat(lines(report, Finding.PARTLY_MAPPED)).containsExactly(2L);
    assertThat(report.mappedBytes()).isZero();
    ReplayReport outside = one("x86/4-level", "m 1000 1000 1000", "u 1000 1000 100000000000000");
    assertThat(lines(outside, Finding.OUTSIDE_FORMAT)).containsExactly(2L);
  }

  @Test
  void theKernelMayUnmapLessThanItWasAskedTo() {
    ReplayReport less = one("x86/4-level", "m 1000 1000 4000", "u 1000 4000 1000");
    assertThat(lines(less, Finding.PARTLY_MAPPED)).containsExactly(2L);
    assertThat(less.mappedBytes()).isEqualTo(0x3000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x86/4-level", "arm64/64k-48"})
  void twoLinesCannotCostMinutes(String format) {
    String[] events = new String[2002];
    events[0] = "m 1000 1000 1000";
    events[1] = "m fff000 1000 1000";
    for (int i = 2; i < events.length; i++) {
      // A page that is a part of a granule stays in the upper half of the space.
      events[i] = i % 2 == 0 ? "u 1000000 7ffffe000000 1000000" : "u 800000 7ffffe000000";
    }
    ReplayReport report = one(format, events);
    assertThat(report.mappedBytes()).isEqualTo(0x1000);
  }

  @Test
  void tablesThatDoNotFitMemoryAreKnownBeforeTheFirstIsMade() {
    ReplayReport large = one("x86/4-level", "m 0 1000 400000000000", "m 1000 1000 1000");
    assertThat(lines(large, Finding.TOO_LARGE)).containsExactly(1L);
    assertThat(large.mappedBytes()).isEqualTo(0x1000);
  }

  @Test
  void anUnmapOfANamedDomainIsNotLookedForElsewhere() {
    String text =
        """
        a-1 [000] 1.000000: map: IOMMU:gpu iova=0x1000 paddr=0x2000 size=0x1000
        a-1 [000] 1.000000: unmap: IOMMU:isp iova=0x1000 size=0x1000 unmapped_size=0x1000
        """;
    ReplayReport report =
        replay(text.getBytes(StandardCharsets.US_ASCII), false, new SpaceTarget("x86/4-level"))
            .reports()
            .getFirst();
    assertThat(report.elsewhere()).isZero();
    assertThat(lines(report, Finding.NEVER_MAPPED)).containsExactly(2L);
    assertThat(report.mappedBytes()).isEqualTo(0x1000);
  }

  @Test
  void aPaOfAllOnesIsNoUnmap() {
    ReplayReport report = one("x86/4-level", "m 1000 ffffffffffffffff 1000");
    assertThat(report.maps()).isEqualTo(1);
    assertThat(report.findings()).containsOnlyKeys(Finding.MISALIGNED);
  }

  @Test
  void namesOfATraceAreKeptInBounds() {
    DomainChooser chooser = new DomainChooser(true);
    StringBuilder text = new StringBuilder();
    int devices = DomainChooser.MOST_DEVICES + 2;
    for (int i = 0; i < devices; i++) {
      text.append(
          "a-1 [000] 1.000000: add_device_to_group: IOMMU: groupID=7 device=d%d\n".formatted(i));
    }
    ReplayRun.Result result =
        replay(
            text.toString().getBytes(StandardCharsets.US_ASCII),
            true,
            new SpaceTarget("x86/4-level"));
    assertThat(
            Objects.requireNonNull(result.trace().refused().counts().get(Finding.TOO_MANY_DEVICES))
                .count())
        .isEqualTo(2);
    assertThat(chooser.names()).containsExactly("default");
    StringBuilder named = new StringBuilder();
    for (int i = 0; i < DomainChooser.MOST_DOMAINS + 3; i++) {
      named.append(
          "a-1 [000] 1.000000: map: IOMMU:n%d iova=0x1000 paddr=0x2000 size=0x1000\n".formatted(i));
    }
    result =
        replay(
            named.toString().getBytes(StandardCharsets.US_ASCII),
            false,
            new SpaceTarget("x86/4-level"));
    assertThat(result.trace().domains())
        .hasSize(DomainChooser.MOST_DOMAINS)
        .startsWith("default", "n0");
    assertThat(result.trace().refused().counts().get(Finding.TOO_MANY_NAMES))
        .isEqualTo(new Findings.Count(4, List.of(1024L, 1025L, 1026L, 1027L)));
    assertThat(result.reports().getFirst().mappedBytes())
        .isEqualTo(4096L * (DomainChooser.MOST_DOMAINS - 1));
  }

  @Test
  void aUnitsOwnAddressesAreNotMapped() {
    ReplayRun.Result result =
        replay(
            trace("m feeff000 1000 2000", "m fef00000 1000 1000", "u fee00000 1000"),
            false,
            new SpaceTarget("x86/4-level", new AddressRange(0xfee00000L, 0xfeefffffL)));
    ReplayReport report = result.reports().getFirst();
    assertThat(report.findings()).containsOnlyKeys(Finding.RESERVED);
    assertThat(lines(report, Finding.RESERVED)).containsExactly(1L, 3L);
    assertThat(report.mappedBytes()).isEqualTo(0x1000);
  }

  @Test
  void onlyTheFirstLinesOfAFindingAreKept() {
    String[] events = new String[100];
    Arrays.fill(events, "u 1000 1000");
    ReplayReport report = one("x86/4-level", events);
    Findings.Count count = report.findings().get(Finding.NEVER_MAPPED);
    assertThat(count).isEqualTo(new Findings.Count(100, List.of(1L, 2L, 3L, 4L, 5L)));
  }

  @Test
  void thePeakIsExactAlsoBetweenSamples() {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      events.add("m %x 1000 1000".formatted(0x40000000L + i * 0x200000L));
    }
    // Ten leaf tables and two more go at once; the samples see nothing of them.
    events.add("u 40000000 40000000 1000");
    events.add("u 40000000 40000000");
    ReplayReport report = one("x86/4-level", events.toArray(String[]::new));
    assertThat(report.peakTableBytes()).isEqualTo(13 * 4096);
    assertThat(report.peakEvents()).isEqualTo(12);
    assertThat(report.tableBytes()).isEqualTo(2 * 4096);
  }

  @Test
  void thePeakOfAWholeTraceIsTheMostThatAnyEventLeft() throws IOException {
    byte[] text = generated(TraceKind.VFIO_PIN, 20_000);
    List<AddressSpace> spaces = new ArrayList<>();
    long most = 0;
    try (ReplayTarget target = new SpaceTarget("x86/4-level", spaces);
        ReplaySite site = new ReplaySite(target, List.of("default"));
        TraceReader reader = TraceReader.open("-", new ByteArrayInputStream(text))) {
      ReplayBatch batch = new ReplayBatch();
      while (reader.next()) {
        TraceLine line = reader.line();
        batch.clear();
        if (line.kind() == TraceLine.Kind.MAP) {
          batch.addMap(0, reader.number(), 0, line.iova(), line.pa(), line.size());
        } else if (line.kind() == TraceLine.Kind.UNMAP) {
          batch.addUnmap(0, reader.number(), 0, line.iova(), line.size(), line.unmapped());
        }
        site.replay(batch);
        most = spaces.isEmpty() ? 0 : Math.max(most, spaces.getFirst().counts().linked() * 4096);
      }
      assertThat(site.report().peakTableBytes()).isEqualTo(most);
    }
  }

  @Test
  void eventsOfDevicesSplitATraceIntoDomains() {
    String[] events = {
      "m 1000 1000 1000",
      "a 0000:01:00.0",
      "m 1000 1000 1000",
      "g 0000:02:00.0",
      "g 0000:02:00.1",
      "a5 0000:02:00.0",
      "a5 0000:02:00.1",
      "m5 1000 1000 1000", // process 5 attached the group
      "m1 2000 1000 1000", // process 1 attached 01:00.0
      "m9 3000 1000 1000", // unknown: the group was last
      "u9 2000 1000", // only 01:00.0 has it
      "u5 1000 1000",
      "a1 0000:01:00.0",
      "u1 1000 1000",
      "d 0000:01:00.0",
      "m1 4000 1000 1000", // the default domain
    };
    ReplayRun.Result split = replay(trace(events), true, new SpaceTarget("x86/4-level"));
    assertThat(split.trace().domains()).containsExactly("default", "0000:01:00.0", "group 7");
    assertThat(split.trace().attaches()).isEqualTo(4);
    ReplayReport report = split.reports().getFirst();
    assertThat(report.findings()).isEmpty();
    assertThat(report.domains()).isEqualTo(3);
    assertThat(report.elsewhere()).isEqualTo(1);
    assertThat(report.mappedBytes()).isEqualTo(3 * 4096);
    ReplayRun.Result together = replay(trace(events), false, new SpaceTarget("x86/4-level"));
    assertThat(together.trace().domains()).containsExactly("default");
    assertThat(together.reports().getFirst().findings())
        .containsOnlyKeys(Finding.DOUBLE_MAP, Finding.NEVER_MAPPED);
  }

  @Test
  void devicesBeyondTheLimitShareTheDomainBefore() {
    String[] events = new String[DomainChooser.MOST_DOMAINS + 1];
    for (int i = 0; i < events.length; i++) {
      events[i] = "a dev" + i;
    }
    ReplayRun.Result result = replay(trace(events), true, new SpaceTarget("x86/4-level"));
    assertThat(result.trace().domains()).hasSize(DomainChooser.MOST_DOMAINS);
    assertThat(result.trace().refused().counts().get(Finding.TOO_MANY_DOMAINS))
        .isEqualTo(new Findings.Count(2, List.of(1024L, 1025L)));
  }

  @Test
  void aDamagedTraceIsReplayedToItsEnd() throws IOException {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("damaged traces: -Dmemdesc.seed=" + seed);
    Random random = new Random(seed);
    for (TraceKind kind : TraceKind.values()) {
      byte[] text = generated(kind, 5000);
      for (int i = 0; i < 1500; i++) {
        // Letters and digits mostly: lines that still look right.
        int at = random.nextInt(text.length);
        text[at] = (byte) (i % 3 == 0 ? random.nextInt(256) : "0123456789abcdef".charAt(i % 16));
      }
      ReplayRun.Result result =
          replay(
              text,
              random.nextBoolean(),
              new SpaceTarget("x86/4-level"),
              new SpaceTarget("arm64/64k-48"));
      TraceSummary trace = result.trace();
      assertThat(trace.badLineCount()).as("seed %d", seed).isPositive();
      assertThat(
              trace.events()
                  + trace.attaches()
                  + trace.badLineCount()
                  + trace.otherEvents()
                  + trace.unknownEvents())
          .as("seed %d", seed)
          .isBetween(trace.lines() - 50, trace.lines());
      long mapped = result.reports().getFirst().mappedBytes();
      assertThat(mapped).as("seed %d", seed).isNotNegative();
    }
  }

  @Test
  void memoryThatIsUsedUpEndsTheRun() throws IOException {
    byte[] trace = generated(TraceKind.IOVA_STRESS, 100_000);
    assertThatThrownBy(
            () ->
                replay(
                    trace,
                    false,
                    new SpaceTarget("x86/4-level"),
                    new SpaceTarget("x86/4-level", 8L << 20)))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("x86/4-level");
  }

  @Test
  void anEmptyTraceHasARootAndNothingElse() {
    ReplayReport report = one("x86/4-level");
    assertThat(report.tableBytes()).isEqualTo(4096);
    assertThat(report.strandedTables()).isZero();
    assertThat(report.samples()).hasSize(1);
  }
}
