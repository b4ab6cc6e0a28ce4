package dev.memdesc.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TraceGeneratorTest {
  private static final long EVENTS = 40_000;

  private static final Pattern EVENT =
      Pattern.compile(
          ".*\\d+\\.\\d{6}: (?:iommu:)?(map|unmap): IOMMU: iova=0x([0-9a-f]{16}) - 0x([0-9a-f]{16})"
              + "(?: paddr=0x([0-9a-f]{16}))? size=(\\d+)(?: unmapped_size=(\\d+))?");

  private static String text(TraceKind kind, long seed, TraceStyle style) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TraceGenerator.Summary summary = new TraceGenerator(kind, EVENTS, seed, style).write(out);
    assertThat(summary.maps() + summary.unmaps() + summary.attaches()).isEqualTo(EVENTS);
    assertThat(summary.bytes()).isEqualTo(out.size());
    return out.toString(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsMappedTwiceAndOnlyWhatIsMappedIsUnmapped(TraceKind kind) throws IOException {
    NavigableMap<Long, Long> mapped = new TreeMap<>();
    int events = 0;
    int unmaps = 0;
    for (String line : text(kind, 7, TraceStyle.FTRACE).lines().toList()) {
      Matcher event = EVENT.matcher(line);
      if (!event.matches()) {
        assertThat(line).matches("#.*|.*: attach_device_to_domain: IOMMU: device=\\S+");
        continue;
      }
      events++;
      long iova = Long.parseUnsignedLong(event.group(2), 16);
      long end = Long.parseUnsignedLong(event.group(3), 16);
      long size = Long.parseLong(event.group(5));
      assertThat(end - iova).as(line).isEqualTo(size).isPositive();
      assertThat(iova % 4096 + size % 4096).as(line).isZero();
      assertThat(iova >= 0xfef0_0000L || end <= 0xfee0_0000L).as(line).isTrue();
      if (event.group(1).equals("map")) {
        Map.Entry<Long, Long> before = mapped.lowerEntry(end);
        assertThat(before == null || before.getValue() <= iova).as(line).isTrue();
        mapped.put(iova, end);
      } else {
        unmaps++;
        assertThat(Long.parseLong(event.group(6))).isEqualTo(size);
        remove(mapped, iova, end, line);
      }
    }
    assertThat(events).isGreaterThan((int) EVENTS - 100);
    assertThat(unmaps).isGreaterThan(events / 10);
  }

  /** One or several whole mappings that follow each other. */
  private static void remove(NavigableMap<Long, Long> mapped, long iova, long end, String line) {
    long at = iova;
    while (at < end) {
      Long next = mapped.remove(at);
      assertThat(next).as(line).isNotNull();
      at = next == null ? end : next;
    }
    assertThat(at).as(line).isEqualTo(end);
  }

  @ParameterizedTest
  @EnumSource
  void theSeedDecidesEverything(TraceKind kind) throws IOException {
    String one = text(kind, 1, TraceStyle.PERF);
    assertThat(text(kind, 1, TraceStyle.PERF)).isEqualTo(one);
    assertThat(text(kind, 2, TraceStyle.PERF)).isNotEqualTo(one);
  }

  @Test
  void aStressTakesOnePageOfEachTwoMebibytes() throws IOException {
    String text = text(TraceKind.IOVA_STRESS, 1, TraceStyle.TRACE_CMD);
    assertThat(text)
        .contains("map: IOMMU: iova=0x0000000000100000 - 0x0000000000101000 paddr=")
        .contains("unmap: IOMMU: iova=0x00000009c3f00000 - ");
  }

  @Test
  void unknownNamesListThoseThatExist() {
    assertThatThrownBy(() -> TraceKind.of("disk"))
        .isInstanceOf(PageTableException.class)
        .hasMessageContaining("kind=disk; there are network-ring, nvme-queue, vfio-pin");
    assertThatThrownBy(() -> TraceStyle.of("dmesg")).hasMessageContaining("style=dmesg");
    assertThatThrownBy(() -> new TraceGenerator(TraceKind.VFIO_PIN, 0, 1, TraceStyle.PERF))
        .hasMessageContaining("events=0");
  }

  @Test
  void aFullDiskIsAnIoException() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space");
          }
        };
    TraceGenerator trace = new TraceGenerator(TraceKind.NVME_QUEUE, EVENTS, 1, TraceStyle.FTRACE);
    assertThatThrownBy(() -> trace.write(full)).isInstanceOf(IOException.class);
  }
}
