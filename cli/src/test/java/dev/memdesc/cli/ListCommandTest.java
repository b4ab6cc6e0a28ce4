package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
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
        run.out().lines().limit(4).map(line -> line.indexOf("4K/2M/1G")).distinct().count();
    assertThat(columns).as("the title's row and one column").isEqualTo(2);
  }

  @Test
  void aFormatHasARowForEachLevel() {
    ToolRun run = ToolRun.of("list", "x86/4-level-pti");
    assertThat(run.out())
        .contains("va 48 bits, pa 52 bits, pages of 4K, little-endian")
        .containsSubsequence("PML4", "512G", "PDPT", "1G", "PD", "2M", "PT", "4K");
  }

  @Test
  void jsonHasTheDocumentedKeys() throws Exception {
    ToolRun run = ToolRun.of("list", "--json");
    Map<String, Object> x86 =
        JsonTree.object(Map.of("first", JSON.std.listFrom(run.out()).getFirst()), "first");
    assertThat(x86).containsEntry("backend", "x86").containsKeys("hostArchNames", "formats");
    List<Map<String, Object>> formats = JsonTree.objects(x86, "formats");
    assertThat(formats).hasSize(4);
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
  void anUnknownFormatIsOneLineAndExitTwo() {
    ToolRun run = ToolRun.of("list", "x68");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "memdesc: a format is one that exists: name=x68; did you mean x86? "
                + "there are x86/4-level, x86/5-level, x86/4-level-pti, x86/pae");
  }

  @Test
  void theStackTraceIsShownWhenAskedFor() {
    assertThat(ToolRun.of("list", "x68", "--verbose").err())
        .contains("PageTableException", "\tat dev.memdesc.core.BackendRegistry");
  }
}
