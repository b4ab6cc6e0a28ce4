package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

class ListCommandTest {
  @Test
  void everyFormatHasARow() {
    ToolRun run = ToolRun.of("list");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("x86/4-level", "x86/5-level", "x86/4-level-pti", "x86/pae")
        .contains("4K/2M/1G", "PML5 9, PML4 9, PDPT 9, PD 9, PT 9", "8,192");
    long columns =
        run.out()
            .lines()
            .filter(line -> line.contains("x86/"))
            .map(line -> line.indexOf("4K/2M"))
            .distinct()
            .count();
    assertThat(columns).as("one column").isEqualTo(1);
  }

  @Test
  void aFormatHasARowForEachLevel() {
    ToolRun run = ToolRun.of("list", "x86/4-level-pti");
    assertThat(run.out())
        .contains("va 48 bits, pa 52 bits, pages of 4K, items of 8 bytes, little-endian")
        .containsSubsequence("PML4", "512G", "PDPT", "1G", "PD", "2M", "PT", "4K");
  }

  @Test
  void aRootThatGrowsSaysIntoWhat() throws Exception {
    assertThat(ToolRun.of("list").out()).contains(" 42+ ", " 53+ ", "+ the root grows");
    assertThat(ToolRun.of("list", "s390").out()).contains("grows into s390/4-level when more va");
    assertThat(ToolRun.of("list", "s390", "--json").out())
        .contains("\"growsInto\" : \"s390/4-level\"");
    assertThat(ToolRun.of("list", "s390/5-level", "--json").out()).doesNotContain("growsInto");
  }

  @Test
  void tablesThatShareAPageAreCounted() throws Exception {
    assertThat(tablesPerPage("s390/3-level")).isEqualTo(2);
    assertThat(tablesPerPage("s390/3-level-page")).as("2 KiB of a page").isEqualTo(1);
    assertThat(tablesPerPage("s390/3-level-pgste")).isEqualTo(1);
    assertThat(tablesPerPage("powerpc/radix-64k")).isEqualTo(256);
    assertThat(tablesPerPage("powerpc/hash-64k")).isEqualTo(16);
    assertThat(tablesPerPage("x86/4-level")).isEqualTo(1);
  }

  private static @Nullable Object tablesPerPage(String format) throws Exception {
    Map<String, Object> backend =
        JsonTree.objects(
                Map.of("all", JSON.std.listFrom(ToolRun.of("list", format, "--json").out())), "all")
            .getFirst();
    Map<String, Object> found = JsonTree.objects(backend, "formats").getFirst();
    return JsonTree.objects(found, "levels").getFirst().get("tablesPerPage");
  }

  @Test
  void jsonHasTheDocumentedKeys() throws Exception {
    ToolRun run = ToolRun.of("list", "--json");
    List<Map<String, Object>> backends =
        JsonTree.objects(Map.of("all", JSON.std.listFrom(run.out())), "all");
    assertThat(backends).extracting(one -> one.get("backend")).isSorted();
    Map<String, Object> x86 = backends.getLast();
    assertThat(x86)
        .containsEntry("backend", "x86")
        .containsEntry("kind", "processor")
        .containsKeys("hostArchNames", "formats");
    List<Map<String, Object>> formats = JsonTree.objects(x86, "formats");
    assertThat(formats).hasSize(5);
    assertThat(formats.getFirst())
        .containsEntry("format", "x86/4-level")
        .containsEntry("default", true)
        .containsEntry("vaBits", 48)
        .containsEntry("rootBytes", 4096)
        .containsOnlyKeys(
            "format",
            "default",
            "host",
            "vaBits",
            "paBits",
            "pageBytes",
            "byteOrder",
            "itemBytes",
            "rootBytes",
            "levels");
    List<Map<String, Object>> levels = JsonTree.objects(formats.getFirst(), "levels");
    assertThat(levels)
        .extracting(level -> level.get("name"))
        .containsExactly("PT", "PD", "PDPT", "PML4");
    assertThat(levels.getFirst())
        .containsOnlyKeys(
            "level",
            "name",
            "indexBits",
            "itemSpanBytes",
            "leafBytes",
            "tableBytes",
            "shadowBytes",
            "alignBytes",
            "tablesPerPage");
  }

  @Test
  void iommusAreListedBesideProcessors() throws Exception {
    List<Map<String, Object>> backends =
        JsonTree.objects(
            Map.of("all", JSON.std.listFrom(ToolRun.of("list", "--json").out())), "all");
    Map<String, Object> smmu =
        backends.stream()
            .filter(one -> "arm-smmu".equals(one.get("backend")))
            .findFirst()
            .orElseThrow();
    assertThat(smmu).containsEntry("kind", "iommu").doesNotContainKey("hostArchNames");
    String format = String.valueOf(JsonTree.objects(smmu, "formats").getFirst().get("format"));
    assertThat(format).startsWith("arm-smmu/");
    assertThat(ToolRun.of("list").out()).contains(format);
    assertThat(ToolRun.of("list", format).out()).contains(format + ": va ");
    assertThat(ToolRun.of("decode", format, "--level", "0", "0").out())
        .contains(format + ", level 0")
        .contains("empty");
    assertThat(ToolRun.of("survey", "--arch", format, "--pid", "1").exit())
        .as("no processor walks it")
        .isEqualTo(2);
  }

  @Test
  void anUnknownFormatIsOneLineAndExitTwo() {
    ToolRun run = ToolRun.of("list", "x68");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("memdesc: a format is one that exists: name=x68; did you mean x86? there are ")
        .contains(
            "s390/3-level, ", "x86/4-level, x86/5-level, x86/4-level-pti, x86/5-level-pti, x86/pae")
        .hasLineCount(1);
  }

  @Test
  void theStackTraceIsShownWhenAskedFor() {
    assertThat(ToolRun.of("list", "x68", "--verbose").err())
        .contains("PageTableException", "\tat dev.memdesc.core.BackendRegistry");
  }
}
