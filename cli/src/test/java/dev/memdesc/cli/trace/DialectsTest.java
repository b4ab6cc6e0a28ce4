package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.trace.TraceLine.Clock;
import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same events as kernels of other versions and makers, and other programs, print them. */
class DialectsTest {
  private static final String MAP = TraceParserTest.MAP;
  private static final String UNMAP = TraceParserTest.UNMAP;

  private final TraceParser parser = new TraceParser();
  private final TraceLine line = new TraceLine();

  private TraceLine parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    parser.parse(bytes, 0, bytes.length, line);
    return line;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "kworker/-87        3d.h1.    3us : map: |3000|SECONDS|87",
        "  <idle>-0        12dNh2. 10001000us+: map: |10001000000|SECONDS|0",
        "kworker/-87      3d.h1   512.331882: map:             |512331882000|SECONDS|87",
        "     kworker/3:1-87      [003] d.h1. 987654321: map: |0|COUNTER|87",
        "     kworker/3:1-87      [003] 18446744073709551615: map:  |0|COUNTER|87",
        "[  512.331882] map: |512331882000|SECONDS|0",
        "[  512.331882][  T312] map: |512331882000|SECONDS|0",
        "<6>[  512.331882] map: |512331882000|SECONDS|0",
        "kern  :info  : [  512.331882] map: |512331882000|SECONDS|0",
        "[  512.331882 <    0.000012>] map: |512331882000|SECONDS|0",
        "[Sun Nov 29 16:55:59 2026] map: |0|NONE|0",
        "2026-11-29T16:55:59,331882+00:00 map: |0|NONE|0",
        "Nov  9 16:55:59 a-machine kernel: [  512.331882] map: |512331882000|SECONDS|0",
        "2026-11-29T16:55:59.331882+00:00 a-machine kernel: map: |0|NONE|0",
        "[   12.000102] kworker/-87        3d.h1.  1001us : map: |1001000|SECONDS|87",
        "[   12.000102]  kworker/3:1-87      [003] d.h1.   512.331882: map:"
            + " |512331882000|SECONDS|87",
        "map: |0|NONE|0",
        "    iommu:map: |0|NONE|0",
      })
  void aHeaderMayHaveAnotherFormOrLack(String header, long nanos, Clock clock, long pid) {
    parse(header + MAP);
    assertThat(line.why()).isEmpty();
    assertThat(line.kind()).isEqualTo(Kind.MAP);
    assertThat(line.clock()).isEqualTo(clock);
    assertThat(line.nanos()).isEqualTo(nanos);
    assertThat(line.pid()).isEqualTo(pid);
    assertThat(line.iova()).isEqualTo(0xfffff000L);
    assertThat(line.pa()).isEqualTo(0x104a3c000L);
    assertThat(line.size()).isEqualTo(4096);
    assertThat(line.domain()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "map: IOMMU: iova=0x1000 paddr=0x2000 size=0x3000|MAP||12288|0",
        "unmap: IOMMU: iova=0x1000 size=0x3000|UNMAP||12288|12288",
        "unmap: IOMMU: iova=0x1000 - 0x4000 size=12288|UNMAP||12288|12288",
        "map: IOMMU:kgsl iova=0x1000 paddr=0x2000 size=0x3000 prot=0x3|MAP|kgsl|12288|0",
        "map: IOMMU: iova=0x1000 paddr=0x2000 size=0x3000 prot=0x3|MAP||12288|0",
        "unmap: IOMMU:soc:qcom,a_b iova=0x1000 size=0x3000"
            + " unmapped_size=0x1000|UNMAP|soc:qcom,a_b|12288|4096",
        "map_sg: IOMMU:kgsl iova=0x1000 size=0x3000 prot=0x3|MAP_SG|kgsl|12288|0",
        "map: IOMMU: dev=1d84000.ufshc iova=0x1000 paddr=0x2000"
            + " size=12288|MAP|1d84000.ufshc|12288|0",
        "map: iova=4096 (0x1000) paddr=8192 (0x2000) size=12288 (0x3000)|MAP||12288|0",
        "unmap: iova=4096 (0x1000) size=12288 (0x3000) unmapped_size=0 (0x0)|UNMAP||12288|0",
        "map_sg: name=kgsl iova=4096 (0x1000) size=12288 (0x3000) prot=3 (0x3)|MAP_SG|kgsl|12288|0",
      })
  void anEventMayHaveOtherWords(String text, Kind kind, String domain, long size, long unmapped) {
    parse("a-1 [000] 1.000000: " + text);
    assertThat(line.why()).isEmpty();
    assertThat(line.kind()).isEqualTo(kind);
    assertThat(line.domain()).isEqualTo(domain == null ? "" : domain);
    assertThat(line.iova()).isEqualTo(0x1000);
    assertThat(line.size()).isEqualTo(size);
    if (kind == Kind.MAP) {
      assertThat(line.pa()).isEqualTo(0x2000);
    }
    if (kind == Kind.UNMAP) {
      assertThat(line.unmapped()).isEqualTo(unmapped);
    }
  }

  @Test
  void perfTracePrintsFieldsAndLeavesOutThoseThatAreZero() {
    parse("     1.402 a b/312 iommu:map(paddr: 8192, size: 4096)");
    assertThat(line.why()).isEmpty();
    assertThat(line.kind()).isEqualTo(Kind.MAP);
    assertThat(line.nanos()).isEqualTo(1_402_000);
    assertThat(line.pid()).isEqualTo(312);
    assertThat(line.iova()).isZero();
    assertThat(line.pa()).isEqualTo(8192);
    parse("     1.402 (         ): :7 iommu:unmap(iova: -4096, size: 4096, unmapped_size: 4096)");
    assertThat(line.kind()).isEqualTo(Kind.UNMAP);
    assertThat(line.pid()).isEqualTo(7);
    assertThat(line.iova()).isEqualTo(-4096);
    parse("     1.402 iommu:unmap:" + UNMAP + ")");
    assertThat(line.kind()).isEqualTo(Kind.UNMAP);
    assertThat(line.unmapped()).isEqualTo(4096);
    parse("     1.402 a/3 iommu:attach_device_to_domain(device: \"0000:03:00.0\")");
    assertThat(line.kind()).isEqualTo(Kind.ATTACH);
    assertThat(line.device()).isEqualTo("0000:03:00.0");
    assertThat(parse("     1.402 ( 0.003 ms): cat/3 close(fd: 3) = 0").kind())
        .isEqualTo(Kind.OTHER_EVENT);
    assertThat(parse("     1.402 a/3 iommu:tlbi(device: \"x\")").kind())
        .isEqualTo(Kind.UNKNOWN_EVENT);
    assertThat(parse("     1.402 a/3 iommu:map(iova: 4096, size: 4096").kind()).isEqualTo(Kind.BAD);
    assertThat(parse("     1.402 a/3 iommu:map(iova: 4096, pad: 1, size: 4096)").kind())
        .isEqualTo(Kind.BAD);
  }

  @Test
  void dynamicDebuggingSaysWhatGoesLeafByLeaf() {
    assertThat(
            parse("[ 1.000000] iommu: map: iova 0x200000 pa 0x0000000080000000 size 0x400000")
                .kind())
        .isEqualTo(Kind.MAP);
    assertThat(line.iova()).isEqualTo(0x200000);
    assertThat(line.pa()).isEqualTo(0x80000000L);
    assertThat(line.size()).isEqualTo(0x400000);
    String part = "iommu: mapping: iova 0x200000 pa 0x0000000080000000 pgsize 0x200000 count 2";
    assertThat(parse("[ 1.000000] " + part).kind()).isEqualTo(Kind.SKIPPED);
    assertThat(parse("[ 1.000000] iommu: unmap this: iova 0x200000 size 0x201000").kind())
        .isEqualTo(Kind.SKIPPED);
    assertThat(parse("[ 1.000000] iommu: unmapped: iova 0x200000 size 0x200000").kind())
        .isEqualTo(Kind.UNMAP);
    assertThat(line.size()).isEqualTo(0x200000);
    // The second leaf goes whole although only its first page was asked for.
    parse("[12] iommu:__iommu_unmap:2601: iommu: unmapped: iova 0x400000 size 0x200000");
    assertThat(line.kind()).isEqualTo(Kind.UNMAP);
    assertThat(line.size()).isEqualTo(0x1000);
    assertThat(line.unmapped()).isEqualTo(0x200000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-1 [000] 1.000000: tlbi_start: IOMMU:5040000.iommu 7 us",
        "a-1 [000] 1.000000: dev_fault: IOMMU:0000:76:00.0 type=2 reason=0 addr=0x0 pasid=1",
        "a-1 [000] 1.000000: clear_dirty_log: IOMMU: iova=0x0000000000001000 size=4096",
        "a 1 [000] 1.000000: iommu:something: else",
      })
  void eventsOfUnknownNameArePassedOver(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.UNKNOWN_EVENT);
    assertThat(line.name()).isIn("tlbi_start", "dev_fault", "clear_dirty_log", "something");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[    0.370000] iommu: Default domain type: Translated",
        "[    0.372000][    T1] DMAR: IOMMU: a unit says something",
        "[    0.372000] IOMMU: Setting identity map for device 0000:00:1d.0",
        "Nov 29 16:55:59 machine kernel: usb 1-1: new device",
        "<4>[   12.000000]  a+0x10/0x20",
      })
  void aConsoleSaysMuchElse(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.SKIPPED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a-1 [000] 1.000: map: |a clock of fewer than six digits",
        "a-1 [000] 1.0000000001: map: |a clock of more than nine digits",
        "  a 87 3 1 00000002 [00000012] 512331.882ms (+0.004ms): map: |verbose latency format",
        "2026-11-29 16:55:59.123 map: |a clock of dates",
        "[16:55:59.123456789] (+0.000001000) host iommu_map: { cpu_id = 3 }, |babeltrace",
        "{\"event\": \"map\", \"text\": |JSON",
        "<!DOCTYPE html>|a page",
      })
  void aMessageNamesTheClockOrFormatThatIsTheCause(String header, String cause) {
    assertThat(parse(header + MAP).kind()).isEqualTo(Kind.BAD);
    assertThat(line.why()).contains(cause);
    if (cause.equals("babeltrace") || cause.equals("a page")) {
      assertThat(parse(header + "nothing").why()).contains(cause);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Cut off: kernels that print the size in decimal say how much was unmapped.
        "a-1 [000] 1.000000: unmap: IOMMU: iova=0x1000 size=4096",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=0x",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=0xffffffffffffffff",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=0x1000 prot=",
        "a-1 [000] 1.000000: map: IOMMU:two names iova=0x1000 paddr=0x2000 size=0x1000",
        "a-1 [000] 1.000000: map: iova=4096 (0x1001) paddr=8192 (0x2000) size=4096 (0x1000)",
        "a-1 [000] 1.000000: map: iova=4096 (0x1000) paddr=8192 (0x2000)",
        "a-1 [000] 1.000000: map: iova=4096 iova=4096 paddr=8192 size=4096",
        "a-1 [000] 123: tracing_mark_write: b-2 [000] 2.000000: map: IOMMU: iova=0x1000",
        "[    1.000000] map: IOMMU: iova=0x1000 paddr=0x2000 size=",
        "     1.402 a/3 iommu:map(iova: 4096, paddr: 8192, size: 4096, )",
        "a-1 [0] 2: m: x-87    [003] 123: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096",
      })
  void everythingElseIsBad(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.BAD);
    assertThat(line.why()).isNotEmpty();
  }

  @Test
  void aNameThatIsTooLongIsNone() {
    String name = "x".repeat(Names.MOST_BYTES);
    String map = "a-1 [000] 1.000000: map: IOMMU:%s iova=0x1000 paddr=0x2000 size=0x1000";
    assertThat(parse(map.formatted(name)).domain()).isEqualTo(name);
    assertThat(parse(map.formatted(name + "x")).kind()).isEqualTo(Kind.BAD);
    String attach = "a-1 [000] 1.000000: attach_device_to_domain: IOMMU: device=";
    assertThat(parse(attach + name).device()).isEqualTo(name);
    assertThat(parse(attach + name + "x").kind()).isEqualTo(Kind.BAD);
  }
}
