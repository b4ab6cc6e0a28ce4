package dev.memdesc.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.rcu.Reader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random events on formats of every granule, against a set of pages that knows no table. */
class ReplayPagesTest {
  private static final int ROUNDS = 6000;
  private static final int PAGES = 1 << 13;
  private static final long BASE = 1L << 36;

  private final long seed = Long.getLong("memdesc.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(strings = {"x86/4-level", "arm64/16k-48", "arm64/64k-48", "s390/4-level"})
  void pagesAreMappedAsLongAsAnyPartOfThemIs(String format) {
    System.out.println("replay of random events: -Dmemdesc.seed=" + seed);
    try (SpaceTarget target = new SpaceTarget(format);
        Reader reader = target.newReader();
        AddressSpace space = target.newDomain("random")) {
      Findings findings = new Findings();
      ReplayDomain domain =
          new ReplayDomain(space, reader, Attributes.USER_DATA, target.format().leafSizes());
      ReplayPages pages = new ReplayPages(domain, target.format(), List.of(), 1L << 34, findings);
      BitSet model = new BitSet();
      int granulePages = (int) (target.format().frameBytes() >> 12);
      long doubles = 0;
      long nothing = 0;
      for (int round = 1; round <= ROUNDS; round++) {
        int first = random.nextInt(PAGES);
        int count = 1 + random.nextInt(random.nextInt(20) == 0 ? 1200 : 40);
        long iova = BASE + ((long) first << 12);
        long size = (long) count << 12;
        int present = model.get(first, first + count).cardinality();
        if (random.nextInt(5) < 2) {
          // Frames that lie as the pages do, so that large leaves are possible.
          pages.map(round, iova, iova, size);
          doubles += present > 0 ? 1 : 0;
          model.set(first, first + count);
        } else {
          pages.unmap(round, iova, size, size);
          nothing += present == 0 ? 1 : 0;
          model.clear(first, first + count);
        }
        check(round, pages, domain, model, granulePages);
      }
      Map<Finding, Findings.Count> counts = findings.counts();
      assertThat(count(counts, Finding.DOUBLE_MAP)).as("seed %d", seed).isEqualTo(doubles);
      assertThat(count(counts, Finding.NEVER_MAPPED)).as("seed %d", seed).isEqualTo(nothing);
      assertThat(counts)
          .doesNotContainKeys(
              Finding.OUTSIDE_FORMAT, Finding.PA_TOO_WIDE, Finding.MISALIGNED, Finding.RESERVED);
      checkStranded(space, reader, domain);
    }
  }

  private static long count(Map<Finding, Findings.Count> counts, Finding finding) {
    Findings.Count count = counts.get(finding);
    return count == null ? 0 : count.count();
  }

  private void check(
      int round, ReplayPages pages, ReplayDomain domain, BitSet model, int granulePages) {
    assertThat(pages.mappedBytes())
        .as("round %d, seed %d", round, seed)
        .isEqualTo((long) model.cardinality() << 12);
    int page = random.nextInt(PAGES);
    assertThat(pages.isMapped(BASE + ((long) page << 12)))
        .as("page %d, round %d, seed %d", page, round, seed)
        .isEqualTo(model.get(page));
    if (round % 100 == 0) {
      long covered = 0;
      for (int granule = 0; granule < 2 * PAGES; granule += granulePages) {
        boolean any = !model.get(granule, granule + granulePages).isEmpty();
        assertThat(domain.isMapped(BASE + ((long) granule << 12)))
            .as("granule %d, round %d, seed %d", granule, round, seed)
            .isEqualTo(any);
        covered += any ? (long) granulePages << 12 : 0;
      }
      assertThat(pages.coveredBytes()).as("round %d, seed %d", round, seed).isEqualTo(covered);
    }
  }

  /** The same sum by another way: from the leaves upwards, with the names of tables. */
  private void checkStranded(AddressSpace space, Reader reader, ReplayDomain domain) {
    record Table(int level, long va, int entries) {}
    List<Table> tables = new ArrayList<>();
    space.visitTables(
        (int level, long va, TableDescriptor table) ->
            tables.add(new Table(level, va, table.count())),
        reader);
    Set<Table> stranded = new HashSet<>();
    int rootLevel = space.format().rootLevel();
    for (int level = 0; level < rootLevel; level++) {
      for (Table table : tables) {
        int span = space.format().level(table.level()).spanLg2();
        long below =
            stranded.stream()
                .filter(
                    other ->
                        other.level() == table.level() - 1
                            && other.va() >>> span == table.va() >>> span)
                .count();
        if (table.level() == level && below == table.entries()) {
          stranded.add(table);
        }
      }
    }
    StrandedTables sums = new StrandedTables();
    domain.addTo(sums);
    assertThat(sums.visited()).isEqualTo(tables.size());
    assertThat(sums.tables()).as("seed %d", seed).isEqualTo(stranded.size());
    assertThat(sums.bytes())
        .isEqualTo(
            stranded.stream()
                .mapToLong(table -> space.format().level(table.level()).table().bytes())
                .sum());
  }

  @Test
  void masksAreAMap() {
    System.out.println("granule masks: -Dmemdesc.seed=" + seed);
    GranuleMasks masks = new GranuleMasks();
    TreeMap<Long, Integer> model = new TreeMap<>();
    for (int round = 0; round < 200_000; round++) {
      long granule = random.nextLong(1L << (round % 3 == 0 ? 8 : 40)) * (1 + random.nextInt(3));
      int mask = random.nextInt(5) < 2 ? 1 + random.nextInt(0xFFFF) : 0;
      assertThat(masks.get(granule)).isEqualTo(model.getOrDefault(granule, 0));
      masks.put(granule, mask);
      if (mask == 0) {
        model.remove(granule);
      } else {
        model.put(granule, mask);
      }
      assertThat(masks.isEmpty()).isEqualTo(model.isEmpty());
      if (round % 1000 == 0) {
        long first = random.nextLong(1L << 41);
        long last = first + random.nextLong(1L << (round % 3000 == 0 ? 5 : 39));
        int pages = 16;
        long missing = 0;
        for (int gone : model.subMap(first, true, last, true).values()) {
          missing += pages - Integer.bitCount(gone);
        }
        assertThat(masks.removeRange(first, last, pages)).as("seed %d", seed).isEqualTo(missing);
        model.subMap(first, true, last, true).clear();
      }
    }
    assertThat(model).as("seed %d", seed).isNotEmpty();
    model.forEach((granule, mask) -> assertThat(masks.get(granule)).isEqualTo(mask));
  }

  @Test
  void aCurveIsBoundedAndItsSamplesAreAtEqualDistances() {
    Curve curve = new Curve();
    long events = 0;
    while (events < 10_000_000) {
      if (events == curve.next()) {
        curve.add(new Curve.Sample(events, 0, 0, 0, 0, 0));
      }
      events++;
    }
    curve.end(new Curve.Sample(events, 0, 0, 0, 0, 0));
    List<Curve.Sample> samples = curve.samples();
    assertThat(samples).hasSizeBetween(Curve.MOST / 2, Curve.MOST + 1);
    long step = samples.get(1).events();
    for (int i = 0; i < samples.size() - 1; i++) {
      assertThat(samples.get(i).events()).isEqualTo(i * step);
    }
    assertThat(samples.getLast().events()).isEqualTo(10_000_000);
  }
}
