package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavedProcessTest {
  // A table of each of levels 0 to 2 for the first area, and 2 + 1 + 1 for the second.
  private static final long TABLES_KIB = 7 * 4;

  @TempDir private Path folder;

  private SavedSurveyGenerator generator() {
    return new SavedSurveyGenerator(folder, 42)
        .area(0x400000, 0x200000, 0x3000, 0x10000)
        .area(0x7f0000000000L, 0x400000, 0x1000, 0x200000);
  }

  private Path file(String name) {
    return folder.resolve("42").resolve(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stride", "huge", "guard", "file", "prot-none"})
  void aSavedSurveyGivesTheLiveNumbers(String scenario) throws IOException {
    Path mapped = Files.createTempFile(folder, "mapped", "");
    Path saved = folder.resolve("saved");
    try (StoppedChild child = StoppedChild.mapping(scenario, mapped)) {
      String pid = Long.toString(child.pid());
      Cli.Result live = Cli.survey("--pid", pid, "--json");
      Cli.Result saving = Cli.survey("--pid", pid, "--json", "--save", saved.toString());
      Cli.Result from = Cli.survey("--from", saved.toString(), "--json");
      assertThat(live.exit()).isZero();
      assertThat(saving.out()).isEqualTo(live.out());
      assertThat(from.err()).isEmpty();
      assertThat(from.out()).isEqualTo(live.out());
      // The words alone know no huge pages, but smaps does: the bytes are the same.
      Files.delete(saved.resolve(pid).resolve("scan"));
      Cli.Result words = Cli.survey("--from", saved.toString(), "--pid", pid, "--json");
      assertThat(line(words.out(), "predictedVmPteKiB"))
          .isEqualTo(line(live.out(), "predictedVmPteKiB"));
      assertThat(line(words.out(), "verdict")).isEqualTo(line(live.out(), "verdict"));
    }
  }

  private static String line(String json, String key) {
    return json.lines().filter(line -> line.contains("\"" + key + "\"")).findFirst().orElseThrow();
  }

  @Test
  void scanAndWordsGiveTheSame() throws IOException {
    generator().write(TABLES_KIB);
    Cli.Result both = Cli.survey("--from", folder.toString());
    assertThat(both.err()).isEmpty();
    assertThat(both.out()).contains("VmPTE is 28 KiB: exact");
    Files.delete(file("scan"));
    Cli.Result words = Cli.survey("--from", folder.toString());
    assertThat(words.exit()).isZero();
    assertThat(words.out()).contains("VmPTE is 28 KiB: exact");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTruncatedPagemapIsRefused(boolean withScan) throws IOException {
    generator().write(TABLES_KIB);
    if (!withScan) {
      Files.delete(file("scan"));
    }
    try (RandomAccessFile pagemap = new RandomAccessFile(file("pagemap").toFile(), "rw")) {
      pagemap.setLength(pagemap.length() - 8);
    }
    assertRefused("one word for every page of every line of maps: file=");
  }

  @Test
  void aPagemapOfMoreMappingsThanMapsHasIsRefused() throws IOException {
    generator().write(TABLES_KIB);
    String first = Files.readString(file("maps")).lines().findFirst().orElseThrow();
    Files.writeString(file("maps"), first + "\n");
    Files.delete(file("scan"));
    assertRefused("one word for every page of every line of maps: file=");
  }

  @Test
  void aCutScanIsRefused() throws IOException {
    generator().write(TABLES_KIB);
    String scan = Files.readString(file("scan"));
    Files.writeString(file("scan"), scan.substring(0, scan.indexOf("end")));
    assertRefused("a saved scan ends with the number of its lines: file=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"maps", "smaps", "status"})
  void aMissingFileIsNamed(String name) throws IOException {
    generator().write(TABLES_KIB);
    Files.delete(file(name));
    assertRefused(name + ", error=NoSuchFileException");
  }

  @Test
  void aFolderWithoutPositionsIsRefused() throws IOException {
    generator().withoutScan().withoutPagemap().write(TABLES_KIB);
    assertRefused("a saved survey has a scan or a pagemap: folder=");
  }

  @Test
  void aFolderWithoutProcessesIsRefused() {
    assertRefused("a folder for each process, its number: folder=");
  }

  @Test
  void aLineThatIsNoneIsShownAndTheSurveyIncomplete() throws IOException {
    generator().write(TABLES_KIB);
    Files.writeString(file("maps"), "what is this\n" + Files.readString(file("maps")));
    Files.writeString(file("smaps"), "Nonsense\n", StandardOpenOption.APPEND);
    Cli.Result result = Cli.survey("--from", folder.toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out().lines().findFirst().orElseThrow()).endsWith("resident (incomplete)");
    assertThat(result.out())
        .contains("bad line: maps line 1 is not a mapping behind the one before")
        .contains("line=\"what is this\"");
    Cli.Result json = Cli.survey("--from", folder.toString(), "--json");
    assertThat(json.out()).contains("\"incomplete\" : true").contains("\"badLineCount\" : 2");
  }

  @Test
  void wordsCannotBePlacedBehindALineThatIsNone() throws IOException {
    generator().withoutScan().write(TABLES_KIB);
    Files.writeString(file("maps"), "what is this\n" + Files.readString(file("maps")));
    assertRefused("words of a pagemap belong to the lines of maps, in order: pid=42, line=1");
  }

  @Test
  void overlappingMappingsAreBadLines() throws IOException {
    generator().write(TABLES_KIB);
    String maps = Files.readString(file("maps"));
    Files.writeString(file("maps"), maps.lines().findFirst().orElseThrow() + "\n" + maps);
    Cli.Result result = Cli.survey("--from", folder.toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).contains("bad line: maps line 2").contains("(incomplete)");
  }

  @Test
  void aQuietSurveyWithoutAnEntryOfSmapsIsIncomplete() throws IOException {
    generator().write(TABLES_KIB);
    Files.writeString(file("smaps"), "");
    Cli.Result result = Cli.survey("--from", folder.toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).contains("smaps has no entry for 2 mappings").contains("(incomplete)");
  }

  @Test
  void aSurveyOfAnotherMachineIsNotCompared() throws IOException {
    generator().write(TABLES_KIB);
    Files.writeString(file("survey"), "quiet yes\nmachine s390x\n");
    Cli.Result result = Cli.survey("--from", folder.toString(), "--arch", "x86/4-level");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).contains("nothing to compare with");
    assertThat(Cli.survey("--from", folder.toString(), "--arch", "x86/4-level", "--json").out())
        .doesNotContain("reclaimableKiB");
  }

  private void assertRefused(String text) {
    Cli.Result result = Cli.survey("--from", folder.toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.err()).startsWith("memdesc: ").contains(text);
  }
}
