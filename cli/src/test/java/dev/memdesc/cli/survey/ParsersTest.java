package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParsersTest {
  private static final long WORD_PRESENT = 1L << 63;
  private static final long WORD_SWAPPED = 1L << 62;
  private static final long WORD_FILE = 1L << 61;
  private static final long WORD_GUARD = 1L << 58;

  static LineReader lines(String text) {
    return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aLineOfMapsHasAddressesPermissionsAndName() {
    assertThat(
            Vma.parse(
                "55f50a668000-55f50a66a000 r-xp 00000000 fe:00 260386                     "
                    + "/usr/bin/head"))
        .isEqualTo(new Vma(0x55f50a668000L, 0x55f50a66a000L, "r-xp", "/usr/bin/head"));
    assertThat(Vma.parse("7f0000000000-7f0000001000 rw-s 00000000 00:00 0 "))
        .isEqualTo(new Vma(0x7f0000000000L, 0x7f0000001000L, "rw-s", ""));
    assertThat(Vma.parse("00400000-00401000 ---p 00000000 00:00 0"))
        .isEqualTo(new Vma(0x400000, 0x401000, "---p", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/tmp/with two blanks",
        "/tmp/gone (deleted)",
        "/tmp/line\\012end",
        "[anon:a name]",
        "/tmp/\u00e4\u6f22",
      })
  void namesMayHoldAnything(String name) {
    Vma vma = Vma.parse("00400000-00401000 r--p 00000000 00:01 1048578                    " + name);
    assertThat(Objects.requireNonNull(vma).name()).isEqualTo(name);
  }

  @Test
  void theKernelsPageIsInTheUpperHalf() {
    Vma vma =
        Vma.parse(
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
    assertThat(Objects.requireNonNull(vma).isKernelHalf()).isTrue();
    assertThat(vma.isProtNone()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "00400000",
        "00400000-00401000",
        "00401000-00400000 r--p 00000000 00:01 1",
        "00400000-00400000 r--p 00000000 00:01 1",
        "00400001-00401000 r--p 00000000 00:01 1",
        "00400000-00401000 r--x 00000000 00:01 1",
        "00400000-00401000 r--p 00000000 00 1",
        "00400000-00401000 r--p 00000000 00:01",
        "00400000-00401000 r--p 00000000 00:01 1/name",
        "10000000000400000-10000000000401000 r--p 00000000 00:01 1",
        "\u0660400000-00401000 r--p 00000000 00:01 1",
        "00400000-00401000 R--P 00000000 00:01 1",
        "Size:                  4 kB",
      })
  void whatIsNoLineOfMapsIsRefused(String line) {
    assertThat(Vma.parse(line)).isNull();
  }

  @Test
  void smapsIsReadEntryByEntry() throws IOException {
    String text =
        """
        00400000-00401000 r--p 00000000 00:01 1    /a
        Size:                  4 kB
        KernelPageSize:        4 kB
        Rss:                   3 kB
        SomethingNew:          7 kB
        THPeligible:           0
        VmFlags: rd mr pf io de dd\s
        00800000-00a00000 rw-p 00000000 00:00 0\s
        KernelPageSize:     2048 kB
        VmFlags: rd wr ht\s
        00a00000-00e00000 rw-p 00000000 00:00 0\s
        Rss:                4096 kB
        AnonHugePages:      2048 kB
        ShmemPmdMapped:     4096 kB
        FilePmdMapped:      2048 kB
        """;
    BadLines bad = new BadLines();
    SmapsReader smaps = new SmapsReader(lines(text), bad);
    assertThat(smaps.find(new Vma(0x400000, 0x401000, "r--p", "")))
        .isEqualTo(new VmaDetails(4, 3, 0, 0, false, true));
    assertThat(smaps.find(new Vma(0x500000, 0x501000, "r--p", ""))).isNull();
    assertThat(smaps.find(new Vma(0x800000, 0xa00000, "rw-p", "")))
        .isEqualTo(new VmaDetails(2048, 0, 0, 0, true, false));
    assertThat(smaps.find(new Vma(0xa00000, 0xe00000, "rw-p", "")))
        .isEqualTo(new VmaDetails(4, 4096, 2048, 6144, false, false));
    assertThat(smaps.find(new Vma(0xf00000, 0xf01000, "rw-p", ""))).isNull();
    assertThat(bad.count()).isZero();
  }

  @Test
  void smapsOfOldKernelsHasNoFlags() throws IOException {
    BadLines bad = new BadLines();
    SmapsReader smaps =
        new SmapsReader(lines("00400000-00401000 r--p 00000000 00:01 1 /a\nRss: 4 kB\n"), bad);
    assertThat(smaps.find(new Vma(0x400000, 0x401000, "r--p", "")))
        .isEqualTo(new VmaDetails(4, 4, 0, 0, false, false));
    assertThat(bad.count()).isZero();
  }

  @Test
  void badLinesOfSmapsAreCountedWithTheirNumbers() throws IOException {
    BadLines bad = new BadLines();
    String text =
        "00400000-00401000 r--p 00000000 00:01 1 /a\nRss: x kB\nnonsense\u001b\nVmFlags: rd m\nVm";
    SmapsReader smaps = new SmapsReader(lines(text), bad);
    assertThat(smaps.find(new Vma(0x400000, 0x401000, "r--p", ""))).isNotNull();
    assertThat(bad.count()).isEqualTo(4);
    assertThat(bad.shown())
        .containsExactly(
            "smaps line 2 is not \"Key: number kB\": line=\"Rss: x kB\"",
            "smaps line 3 is neither a mapping nor a field: line=\"nonsense?\"",
            "smaps line 4 is not \"Key: number kB\": line=\"VmFlags: rd m\"",
            "smaps line 5 is not \"Key: number kB\": line=\"Vm\"");
  }

  @Test
  void statusHasWhatASurveyNeeds() throws IOException {
    BadLines bad = new BadLines();
    String text =
        """
        Name:\ta b
        State:\tT (stopped)
        Kthread:\t0
        VmRSS:\t    10 kB
        VmPTE:\t      48 kB
        HugetlbPages:\t    2048 kB
        voluntary_ctxt_switches:\t3
        nonvoluntary_ctxt_switches:\t4
        """;
    StatusText status = StatusText.read(lines(text), bad);
    assertThat(status).isEqualTo(new StatusText("a b", 'T', 48, 2058, false, 7));
    assertThat(bad.count()).isZero();
    assertThat(StatusText.read(lines("VmPTE: x kB\nodd\n"), bad).tablesKiB()).isEqualTo(-1);
    assertThat(bad.count()).isEqualTo(2);
  }

  @Test
  void aScanGivesEachMappingItsRangesAndCountsTheOthers() throws IOException {
    BadLines bad = new BadLines();
    String text =
        """
        00400000-00401000 p-f---
        00401000-00402000 -s---g
        00402000-00402001 p-----
        00500000-00501000 p-----
        00600000-00800000 p---h-
        00500000-00501000 p-----
        00900000-00901000 ------
        end 7
        """;
    ScanText scan = new ScanText(Path.of("scan"), lines(text), bad);
    List<String> seen = new ArrayList<>();
    RegionSink sink =
        (start, end, categories) -> seen.add(SavedFormat.scanLine(start, end, categories));
    scan.regions(new Vma(0x400000, 0x403000, "r--p", ""), sink);
    scan.regions(new Vma(0x600000, 0x800000, "rw-p", ""), sink);
    scan.finish();
    assertThat(seen)
        .containsExactly("400000-401000 p-f---", "401000-402000 -s---g", "600000-800000 p---h-");
    assertThat(bad.count()).isEqualTo(4);
  }

  @Test
  void wordsBecomeRunsAndHugePagesAreTakenFromSmaps() {
    long[] words = new long[2048];
    for (int i = 500; i < 1600; i++) {
      words[i] = WORD_PRESENT | WORD_FILE;
    }
    words[1700] = WORD_SWAPPED;
    words[1701] = WORD_SWAPPED | WORD_GUARD;
    words[2047] = WORD_PRESENT;
    List<String> seen = new ArrayList<>();
    PageWords reader =
        new PageWords(
            new VmaDetails(4, 0, 0, 2048, false, false),
            (start, end, categories) -> seen.add(SavedFormat.scanLine(start, end, categories)));
    reader.take(0, LongBuffer.wrap(words, 0, 1000));
    reader.take(1000 * 4096, LongBuffer.wrap(words, 1000, 1048));
    reader.finish();
    assertThat(seen)
        .containsExactly(
            "1f4000-200000 p-f---",
            "200000-400000 p-f-h-",
            "400000-640000 p-f---",
            "6a4000-6a5000 -s----",
            "6a5000-6a6000 -s---g",
            "7ff000-800000 p-----");
  }

  @Test
  void endlessLinesAreCut() throws IOException {
    LineReader reader = lines("x".repeat(1_000_000) + "\nnext");
    assertThat(Objects.requireNonNull(reader.read())).hasSize(LineReader.MAX_LINE_BYTES);
    assertThat(reader.read()).isEqualTo("next");
    assertThat(reader.number()).isEqualTo(2);
    assertThat(reader.read()).isNull();
  }
}
