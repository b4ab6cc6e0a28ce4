package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.ExpressibleAttributes;
import dev.memdesc.core.Memdesc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.jr.ob.JSON;

/** The same process in several formats, against closed forms. */
class SurveyAsTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final String ALL =
      "s390,s390/3-level-page,s390/3-level-pgste,powerpc,powerpc/radix-4k,powerpc/hash-64k,"
          + "arm64/4k-48,arm64/16k-48,arm64/64k-48";

  @TempDir private Path folder;

  @Test
  void aDenseGigabyteTakesWhatTheClosedFormsSay() throws IOException {
    new SavedSurveyGenerator(folder, 7).area(20 * GIB, GIB, GIB, GIB).withoutPagemap().write(2056);
    List<Map<String, Object>> formats = formats("x86/4-level", ALL);
    // Tables, VmPTE, pages, fragments and their pages, waste.
    assertRow(formats.get(0), "x86/4-level", 515, 2056, 2060, 0, 0, 0);
    assertRow(formats.get(1), "s390/3-level", 1026, 2064, 2080, 1024, 512, 0);
    assertRow(formats.get(2), "s390/3-level-page", 1026, 2064, 4128, 0, 0, 2048);
    assertRow(formats.get(3), "s390/3-level-pgste", 1026, 2064, 4128, 0, 0, 2048);
    assertRow(formats.get(4), "powerpc/radix-64k", 515, 136, 320, 514, 4, 120);
    assertRow(formats.get(5), "powerpc/radix-4k", 515, 2056, 2120, 0, 0, 0);
    assertRow(formats.get(6), "powerpc/hash-64k", 67, 144, 386, 66, 6, 240);
    assertRow(formats.get(7), "arm64/4k-48", 515, 2056, 2060, 0, 0, 0);
    // The root has two items; it lies in a page with those of other processes.
    assertRow(formats.get(8), "arm64/16k-48", 35, 544, 544, 0, 0, 0);
    assertRow(formats.get(9), "arm64/64k-48", 4, 192, 192, 0, 0, 0);
    assertThat(formats).extracting(one -> one.get("mappedKiB")).containsOnly(1 << 20);
    assertThat(formats.get(0)).containsEntry("pagesPercentOfMapped", 0.2);
    assertThat(formats.get(4)).containsEntry("pagesPercentOfMapped", 0.03);
  }

  @Test
  void aPageOf64kIsMappedIfAnyPartOfItIsPresent() throws IOException {
    // 4 KiB of every 64 KiB, and 4 KiB of every 128 KiB.
    new SavedSurveyGenerator(folder, 7)
        .area(20 * GIB, 64 * MIB, 4096, 65536)
        .area(30 * GIB, 64 * MIB, 4096, 131072)
        .withoutPagemap()
        .write(264);
    List<Map<String, Object>> formats = formats("x86/4-level", "powerpc/radix-64k");
    assertThat(formats.get(0)).containsEntry("mappedKiB", (4 + 2) << 10);
    assertThat(formats.get(1))
        .containsEntry("mappedKiB", (64 + 32) << 10)
        .containsEntry("pageKiB", 64);
    Cli.Result text = as("x86/4-level", "powerpc/radix-64k");
    assertThat(text.out())
        .startsWith("pid 7 (generated): the same pages in 2 formats; VmPTE is 264 KiB")
        .contains(
            "note: powerpc/radix-64k maps a page of 64K if any 4K of it is present: +92,160 KiB");
  }

  @Test
  void aMappingThatBeginsInsideALargerPageSharesIt() throws IOException {
    // Three mappings in one page of 64 KiB, the last one over its end.
    new SavedSurveyGenerator(folder, 7)
        .area(20 * GIB, 4096, 4096, 4096)
        .area(20 * GIB + 8192, 4096, 4096, 4096)
        .area(20 * GIB + 49152, 32768, 32768, 32768)
        .write(12);
    List<Map<String, Object>> formats = formats("x86/4-level", "powerpc/radix-64k");
    assertThat(formats.get(0)).containsEntry("mappedKiB", 40);
    assertThat(formats.get(1)).containsEntry("mappedKiB", 128);
  }

  @Test
  void mappingsAreMovedTogetherWhereAFormatHasFewerAddresses() throws IOException {
    new SavedSurveyGenerator(folder, 7)
        .area(0x5555_5555_4000L, 8 * MIB, 8 * MIB, 8 * MIB)
        .area(0x5656_0000_0000L, 4096, 4096, 4096)
        .area(0x7f12_3456_7000L, 5 * MIB, 5 * MIB, 5 * MIB)
        .area(0x7ffd_1c5e_1000L, 132 << 10, 132 << 10, 132 << 10)
        .withoutPagemap()
        .write(100);
    List<Map<String, Object>> formats = formats("x86/4-level", "s390/4-level,s390/3-level,x86/pae");
    Map<String, Object> wide = formats.get(1);
    Map<String, Object> narrow = formats.get(2);
    assertThat(notes(wide)).isEmpty();
    assertThat(notes(narrow))
        .containsExactly(
            "s390/3-level translates fewer addresses: mappings are moved closer together");
    assertThat(narrow.get("mappedKiB")).isEqualTo(wide.get("mappedKiB"));
    for (int level = 0; level < 2; level++) {
      assertThat(level(narrow, level)).isEqualTo(level(wide, level));
    }
    // Everything fits into 4 GiB too: four regions of at most 1 GiB.
    assertThat(formats.get(3).get("mappedKiB")).isEqualTo(wide.get("mappedKiB"));
  }

  @Test
  void whatCannotBeMovedIntoAFormatIsLeftOut() throws IOException {
    new SavedSurveyGenerator(folder, 7)
        .area(0x10000, MIB, MIB, MIB)
        .area(8 * GIB, 4 * GIB, 4096, GIB)
        .withoutPagemap()
        .write(100);
    Map<String, Object> pae = formats("x86/4-level", "x86/pae").get(1);
    assertThat(notes(pae)).anyMatch(note -> note.startsWith("1 mappings lie beyond"));
    assertThat(pae).containsEntry("mappedKiB", 1024);
  }

  @Test
  void aHugePageTakesTheLargestLeafThatIsNoLarger() throws IOException {
    List<Map<String, Object>> formats = twoHugePages(Category.HUGE);
    // The one that is moved is a leaf too: only a leaf can have a deposit.
    assertThat(formats).extracting(one -> one.get("mappedKiB")).containsOnly(4096);
    assertThat(deposits(formats.get(0))).isEqualTo(2);
    assertThat(deposits(formats.get(1))).as("leaves of 1M on s390").isEqualTo(4);
    assertThat(deposits(formats.get(4))).as("leaves of 2M on POWER").isEqualTo(2);
    assertThat(deposits(formats.get(6))).as("base pages where a PMD maps 16M").isEqualTo(0);
    assertThat(level(formats.get(6), 0)).containsEntry("linked", 1);
    // A group of 32 pages of 64K is a leaf of 2M.
    assertThat(deposits(formats.get(9))).isEqualTo(0);
    assertThat(level(formats.get(9), 0)).containsEntry("linked", 1);
  }

  @Test
  void aPageOfHugetlbThatIsGoneTakesItemsOfItsSize() throws IOException {
    List<Map<String, Object>> formats = twoHugePages(0);
    assertThat(formats).extracting(one -> one.get("mappedKiB")).containsOnly(2048);
    assertThat(formats).extracting(SurveyAsTest::deposits).containsOnly(0);
    // An item of level 1, but of level 0 where only a group of base pages is a leaf of 2M.
    assertThat(level(formats.get(0), 0)).containsEntry("linked", 0);
    assertThat(level(formats.get(9), 0)).containsEntry("linked", 1);
  }

  /** A page of 2 MiB that is present and one that is not; of hugetlb, unless they are huge. */
  private List<Map<String, Object>> twoHugePages(int huge) throws IOException {
    long va = 20 * GIB;
    new SavedSurveyGenerator(folder, 7)
        .area(va, 4 * MIB, 4 * MIB, 4 * MIB)
        .withoutPagemap()
        .write(8);
    Files.writeString(
        folder.resolve("7/scan"),
        SavedFormat.scanLine(va, va + 2 * MIB, Category.PRESENT | huge)
            + "\n"
            + SavedFormat.scanLine(va + 2 * MIB, va + 4 * MIB, Category.SWAPPED | huge)
            + "\nend 2\n");
    if (huge == 0) {
      Path smaps = folder.resolve("7/smaps");
      String text = Files.readString(smaps).replace("Size:        4 kB", "Size:     2048 kB");
      Files.writeString(smaps, text.replace("nh \n", "ht \n"));
    }
    return formats("x86/4-level", ALL);
  }

  private static Object deposits(Map<String, Object> format) {
    return Objects.requireNonNull(level(format, 0).get("deposited"));
  }

  @Test
  void aLiveProcessIsComparedToo() {
    Cli.Result result = Cli.survey("--self", "--as", ALL);
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    for (TableFormat format : formatsOf(ALL)) {
      assertThat(result.out()).contains(format.name());
    }
  }

  private static List<TableFormat> formatsOf(String names) {
    try (Formats formats = new Formats(CoreSpaces::new, "x86", List.of(names.split(",", -1)))) {
      return formats.spaces().stream().map(SpaceFactory::format).toList();
    }
  }

  @Test
  void aFormatOfTheUpperHalfIsRefused() {
    Cli.Result result = Cli.survey("--self", "--as", "arm64/4k-48-ttbr1");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("memdesc: a process lives in the lower half of the addresses: format=arm64/4k");
  }

  @Test
  void optionsAreChecked() {
    Cli.Result unknown = Cli.survey("--self", "--as", "s390,s309");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("name=s309", "s390");
  }

  @Test
  void allIsOneTableOfSums() {
    Cli.Result result = Cli.survey("--all", "--as", "s390");
    assertThat(result.out())
        .containsPattern("^[\\d,]+ processes: the same pages in 2 formats")
        .contains("s390/3-level", "left out: ");
  }

  @Test
  void thePageHoldsTheNumbersAndTwoScripts() throws IOException {
    new SavedSurveyGenerator(folder, 7).area(20 * GIB, GIB, GIB, GIB).withoutPagemap().write(2056);
    Path html = folder.resolve("page.html");
    as("x86/4-level", "s390", "--html", html.toString());
    String page = Files.readString(html);
    assertThat(page).contains("\"format\" : \"s390/3-level\"", "\"pagesKiB\" : 2080");
    assertThat(page.split("<script", -1)).hasSize(4);
    assertThat(page.split("sha256-", -1)).hasSize(3);
    assertThat(page).doesNotContain("@@");
  }

  @Test
  void attributesThatAFormatLacksAreLeftOut() {
    try (SpaceFactory s390 = new CoreSpaces("s390");
        SpaceFactory power = new CoreSpaces("powerpc")) {
      Attributes wanted = Attributes.of(Access.READ, Access.WRITE, Access.ACCESSED, Access.DIRTY);
      assertThat(ExpressibleAttributes.of(power.format(), wanted)).isEqualTo(wanted);
      assertThat(ExpressibleAttributes.of(s390.format(), wanted))
          .isEqualTo(Attributes.of(Access.READ, Access.WRITE, Access.USER));
    }
  }

  /** The pages that are counted from the tables are those that the allocator gave. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x86/4-level-pti", "s390/3-level", "s390/5-level-page", "s390/4-level-pgste",
        "powerpc/radix-64k", "powerpc/radix-4k", "powerpc/hash-64k", "powerpc/hash-4k",
        "arm64/16k-48", "arm64/64k-52", "arm64/4k-52"
      })
  void aFootprintIsWhatTheAllocatorGave(String name) {
    try (Memdesc machine = Memdesc.builder().arch(name).build();
        Reader reader = machine.newReader();
        AddressSpace space = machine.newAddressSpace("footprint");
        Gather gather = space.gather()) {
      TableFormat format = space.format();
      SplittableRandom random = new SplittableRandom(5);
      PageSizes pages = PageSizes.ofLg2(format.frameLg2());
      long mapped = 0;
      for (int i = 0; i < 1000; i++) {
        long va = random.nextLong(1L << 41) & -format.frameBytes();
        if (space.translate(va, reader) == AddressSpace.NOT_MAPPED) {
          space.map(va, 0, format.frameBytes(), Attributes.USER_DATA, pages, gather);
          mapped += format.frameBytes();
        }
      }
      Footprint.Counter counter = new Footprint.Counter(format);
      space.visitTables((level, va, table) -> counter.add(table), reader);
      Footprint footprint = counter.sum(mapped);
      long root = format.levels().getLast().table().allBytes();
      long rootPage = Math.max(root, format.frameBytes());
      assertThat(footprint.pageBytes() - root + rootPage)
          .isEqualTo(machine.allocator().allocatedBytes());
      assertThat(footprint.tables()).isEqualTo(space.counts().linked());
      assertThat(footprint.wasteBytes()).isNotNegative();
    }
  }

  private Cli.Result as(String arch, String as, String... more) {
    String[] arguments = {"--from", folder.toString(), "--arch", arch, "--as", as};
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    Cli.Result result = Cli.survey(all);
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    return result;
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> formats(String arch, String as) throws IOException {
    Object tree = JSON.std.anyFrom(as(arch, as, "--json").out());
    Map<String, Object> process = ((List<Map<String, Object>>) tree).getFirst();
    assertThat(process).containsEntry("pid", 7).containsKeys("kernelVmPteKiB", "residentKiB");
    return (List<Map<String, Object>>) Objects.requireNonNull(process.get("formats"));
  }

  @SuppressWarnings("unchecked")
  private static List<String> notes(Map<String, Object> format) {
    return (List<String>) Objects.requireNonNull(format.get("notes"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> level(Map<String, Object> format, int level) {
    return ((List<Map<String, Object>>) Objects.requireNonNull(format.get("levels"))).get(level);
  }

  private static void assertRow(
      Map<String, Object> row,
      String format,
      int tables,
      int vmPteKiB,
      int pagesKiB,
      int fragments,
      int fragmentPages,
      int wasteKiB) {
    assertThat(row)
        .containsEntry("format", format)
        .containsEntry("tables", tables)
        .containsEntry("predictedVmPteKiB", vmPteKiB)
        .containsEntry("pagesKiB", pagesKiB)
        .containsEntry("fragments", fragments)
        .containsEntry("fragmentPages", fragmentPages)
        .containsEntry("wasteKiB", wasteKiB);
  }
}
