package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.bench.trace.TraceKind;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces on IOMMUs: units whose commands a model consumes. */
@Timeout(900)
class UnitReplayTest {
  private static final long PAGES_PER_TIB = 524_288;

  /**
   * A page mapped and unmapped in every 2 MiB of a TiB. With tables of 4K: a leaf table for each 2
   * MiB, one above for each GiB, one above for each 512 GiB, the root. With 64K: a leaf table for
   * each 512 MiB, one above for each 4 TiB, the root of 512 bytes.
   */
  @ParameterizedTest
  @CsvSource({
    "intel/ss-48, 2151690240, 4096",
    "arm-smmu/s1-4k-48, 2151690240, 4096",
    "arm-smmu/s1-64k-48, 134283776, 512",
  })
  void theTablesOfAStressOfOneTebibyteAreThoseOfTheClosedForm(
      String format, long tableBytes, long rootBytes) throws IOException {
    byte[] trace = ReplayRunTest.generated(TraceKind.IOVA_STRESS, 2 * PAGES_PER_TIB);
    ReplayReport report =
        ReplayRunTest.replay(trace, false, new UnitTarget(format)).reports().getFirst();
    assertThat(report.findings()).isEmpty();
    assertThat(report.tableBytes()).isEqualTo(tableBytes);
    assertThat(report.peakTableBytes()).isEqualTo(tableBytes);
    assertThat(report.strandedBytes()).isEqualTo(tableBytes - rootBytes);
    assertThat(report.mappedBytes()).isZero();
    assertThat(report.frameBytes()).isGreaterThan(tableBytes).isLessThan(tableBytes + (1 << 20));
    // One for each unmap; what is mapped anew needs none.
    assertThat(report.invalidations()).isBetween(PAGES_PER_TIB, PAGES_PER_TIB + 8);
    assertThat(report.commands()).isGreaterThanOrEqualTo(2 * PAGES_PER_TIB);
    System.out.printf(
        "iova stress of 1 TiB, %s: %,d bytes of tables, %.1f %% stranded, %s%n",
        format, report.tableBytes(), ReplayJson.percent(report), report.commandsByName());
  }

  @ParameterizedTest
  @EnumSource
  void realisticTracesHaveNoFindingsAndOneInvalidationForEachUnmap(TraceKind kind)
      throws IOException {
    List<ReplayReport> reports =
        ReplayRunTest.replay(
                ReplayRunTest.generated(kind, 30_000),
                false,
                new UnitTarget("intel/ss-48"),
                new UnitTarget("intel/ss-57"),
                new UnitTarget("intel/fs-48"),
                new UnitTarget("arm-smmu/s1-4k-48"),
                new UnitTarget("arm-smmu/s2-4k-48"),
                new UnitTarget("arm-smmu/s1-16k-48"),
                new UnitTarget("arm-smmu/s1-64k-48"))
            .reports();
    for (ReplayReport report : reports) {
      assertThat(report.findings()).as("%s", report.format()).isEmpty();
      assertThat(report.mappedBytes()).isEqualTo(reports.getFirst().mappedBytes());
      assertThat(report.commandsByName().values().stream().mapToLong(Long::longValue).sum())
          .as("%s", report.format())
          .isEqualTo(report.commands());
      if (report.roundedEvents() == 0) {
        assertThat(report.invalidations()).isGreaterThanOrEqualTo(report.unmaps());
      }
      assertThat(report.invalidations()).isLessThanOrEqualTo(report.commands());
    }
  }

  @Test
  void aDomainForEachDevice() throws IOException {
    ReplayRun.Result result =
        ReplayRunTest.replay(
            ReplayRunTest.generated(TraceKind.VFIO_PIN, 30_000),
            true,
            new UnitTarget("intel"),
            new UnitTarget("arm-smmu"));
    assertThat(result.trace().domains()).hasSizeGreaterThan(2);
    for (ReplayReport report : result.reports()) {
      assertThat(report.findings()).isEmpty();
      assertThat(report.domains()).isEqualTo(result.trace().domains().size());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "intel/ss-39",
        "intel/ss-48",
        "intel/fs-48",
        "arm-smmu/s1-4k-48",
        "arm-smmu/s2-4k-40"
      })
  void aHoleBesideAPageIsAHole(String format) {
    // A second-stage leaf is there if it can be read or written: its test alone passes a hole too.
    try (ReplayTarget target = new UnitTarget(format);
        Reader reader = target.newReader();
        AddressSpace space = target.newDomain("one page");
        Gather gather = space.gather()) {
      space.map(0x100000, 0x5000, 0x1000, Attributes.USER_DATA, gather);
      assertThat(space.translate(0x100000, reader)).isEqualTo(0x5000);
      assertThat(space.translate(0x101000, reader)).isEqualTo(AddressSpace.NOT_MAPPED);
      assertThat(space.lookup(0x101000, reader)).isEmpty();
    }
  }

  @Test
  void whereInterruptsGoNothingIsMapped() {
    byte[] trace = ReplayRunTest.trace("m fedff000 1000 2000", "m fef00000 1000 1000");
    ReplayReport report =
        ReplayRunTest.replay(trace, false, new UnitTarget("intel/ss-48")).reports().getFirst();
    assertThat(report.findings()).containsOnlyKeys(Finding.RESERVED);
    assertThat(report.mappedBytes()).isEqualTo(4096);
  }

  @Test
  void unknownNamesListThoseThatExist() {
    assertThatThrownBy(() -> new UnitTarget("amd"))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("an IOMMU is one that exists: name=amd")
        .hasMessageContaining("arm-smmu")
        .hasMessageContaining("intel");
    assertThatThrownBy(() -> new UnitTarget("x86/4-level")).hasMessageContaining("name=x86");
    assertThatThrownBy(() -> new UnitTarget("intel/ss-49"))
        .hasMessageContaining("did you mean intel/ss-4");
  }
}
