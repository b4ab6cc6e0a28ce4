package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

class DecodeCommandTest {
  @Test
  void otherArchitecturesHaveTheirOwnNames() {
    assertThat(ToolRun.of("decode", "s390", "--level", "ST", "0x10c800").out())
        .contains("s390/3-level, level 1 (ST)", "PTO", "table: a PT at pa 0x000000000010c800");
    assertThat(ToolRun.of("decode", "s390/3-level-linux", "--level", "0", "0x34513d").out())
        .contains("YOUNG", "leaf of 4K at pa 0x0000000000345000: rw- user accessed dirty");
    assertThat(ToolRun.of("decode", "s390", "--level", "0", "0x400").out()).contains(" empty");
    assertThat(ToolRun.of("decode", "powerpc", "--level", "PMD", "0x8000000000312005").out())
        .contains("NLS", "it has 2^5 items", "table: a PTE at pa 0x0000000000312000");
    assertThat(ToolRun.of("decode", "powerpc", "--level", "0", "0xc00000000037018e").out())
        .contains("privileged only", "leaf of 64K at pa 0x0000000000370000: rw- kernel");
    assertThat(ToolRun.of("decode", "powerpc", "--va", "0x5a5a512340000").out())
        .contains("PGD   51:39    2,891", "PTE   20:16       20");
  }

  @Test
  void aLeafIsShownFieldByFieldAndAsAWhole() {
    ToolRun run = ToolRun.of("decode", "x86", "--level", "PT", "0xA8000000_ABCDE067");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("x86/4-level, level 0 (PT), item 0xa8000000abcde067")
        .containsPattern("63 +XD +0x1 +no fetches")
        .containsPattern("62:59 +PKEY +0x5 +protection key 5")
        .containsPattern("51:12 +PA +0xabcde +the page of 4K at 0x00000000abcde000")
        .containsPattern("0 +P +0x1 +present")
        .endsWithIgnoringCase(
            " leaf of 4K at pa 0x00000000abcde000: "
                + "rw- user accessed dirty write-back key 5"
                + System.lineSeparator());
  }

  @ParameterizedTest
  @CsvSource({
    "PML4, 0x101007, 'table: a PDPT at pa 0x0000000000101000'",
    "1, 0x80000000402000E7, 'leaf of 2M at pa 0x0000000040200000: rw- user'",
    "1, 0x402081, 'invalid: hardware would report a fault'",
    "0, 0, 'empty'",
    "0, 0x1200, 'soft: swap, payload 0x0000000000000001'",
    "0, 0x2, 'soft: hardware ignores it, and it is not one of memdesc''s own entries'"
  })
  void everyKindHasALine(String level, String item, String line) {
    assertThat(ToolRun.of("decode", "x86", "--level", level, item).out()).contains(" " + line);
  }

  @ParameterizedTest
  @CsvSource({
    "PDPT, 0x101001, 'table: a PD at pa 0x0000000000101000'",
    "2, 0x101003, 'invalid: hardware would report a fault'",
    "2, 0x100, 'soft: '",
    "PT, 0x80000000ABCDE067, 'leaf of 4K at pa 0x00000000abcde000: rw- user accessed dirty'"
  })
  void paeHasItsOwnRootEntries(String level, String item, String line) {
    assertThat(ToolRun.of("decode", "x86/pae", "--level", level, item).out()).contains(" " + line);
  }

  @Test
  void aVaIsShownAsIndices() {
    ToolRun run = ToolRun.of("decode", "x86/5-level", "--va", "0x00AB7F1234567123");
    assertThat(run.out())
        .containsPattern("4 +PML5 +56:48 +171 +0x558")
        .containsPattern("3 +PML4 +47:39 +254 +0x7f0")
        .containsPattern("2 +PDPT +38:30 +72 ")
        .containsPattern("1 +PD +29:21 +418 ")
        .containsPattern("0 +PT +20:12 +359 ")
        .contains("offset in the 4K of an item of level 0: 0x123");
  }

  @Test
  void anItemAndAVaTogetherSayWhereTheWalkGoes() {
    assertThat(
            ToolRun.of("decode", "x86", "--va", "0x7F1234667123", "--level", "1", "0x402000E7")
                .out())
        .contains("the va translates to pa 0x0000000040267123");
    assertThat(
            ToolRun.of("decode", "x86", "--va", "0x7F1234567000", "--level", "3", "0x101007").out())
        .contains("the walk goes on at the item at pa 0x0000000000101240");
  }

  @Test
  void jsonHasTheDocumentedKeys() throws Exception {
    ToolRun run =
        ToolRun.of(
            "decode",
            "x86",
            "--json",
            "--va",
            "0x7F1234567123",
            "--level",
            "0",
            "0x80000000ABCDE067");
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree)
        .containsOnlyKeys("format", "va", "item")
        .containsEntry("format", "x86/4-level");
    Map<String, Object> va = JsonTree.object(tree, "va");
    assertThat(va).containsEntry("va", "0x00007f1234567123").containsEntry("offsetBytes", 0x123);
    assertThat(JsonTree.objects(va, "indices"))
        .extracting(one -> one.get("index"))
        .containsExactly(254, 72, 418, 359);
    Map<String, Object> item = JsonTree.object(tree, "item");
    assertThat(item)
        .containsEntry("kind", "leaf")
        .containsEntry("pa", "0x00000000abcde000")
        .containsEntry("leafBytes", 4096);
    assertThat(JsonTree.object(item, "attributes"))
        .containsEntry("write", true)
        .containsEntry("execute", false)
        .containsEntry("memoryType", "write-back");
    assertThat(JsonTree.objects(item, "fields")).hasSize(14);
  }

  @Test
  void jsonOfASoftItem() throws Exception {
    ToolRun run = ToolRun.of("decode", "x86", "--json", "--level", "0", "0xABCDE100");
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(JsonTree.object(tree, "item"))
        .containsEntry("kind", "soft")
        .containsEntry("softKind", "prot-none")
        .containsEntry("payload", "0x00000000abcde000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "decode x86 --level 9 1 | a level is one that the format has: level=9, format=x86/4-level; "
            + "there are 0 PT, 1 PD, 2 PDPT, 3 PML4",
        "decode x86 1 | an ITEM needs --level",
        "decode x86 | give an ITEM with --level, or --va",
        "decode | Missing required parameter: 'FORMAT'",
        "decode x86 --level 0 0x11112222333344445 | a number is 0x and at most 16 hexadecimal "
            + "digits, or decimal: text=0x11112222333344445",
        "decode x86 --level 0 18446744073709551616 | a number is 0x",
        "decode x86 --level 0 -1 | text=-1",
        "decode x86 --va 0x800000000000 | a va is canonical",
        "decode x86/9 --va 0 | a variant is one that its backend has: name=x86/9",
        "decode x86 --jsn | did you mean --json?",
        "lsit | there are"
      })
  void badInputIsOneLineAndExitTwo(String command, String message) {
    ToolRun run = ToolRun.of(command.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1).first().asString().contains(message);
  }

  @Test
  void aStackTraceOfABadOptionIsShownWhenAskedFor() {
    assertThat(ToolRun.of("decode", "x86", "--verbose").err()).contains("\tat dev.memdesc.cli");
  }
}
