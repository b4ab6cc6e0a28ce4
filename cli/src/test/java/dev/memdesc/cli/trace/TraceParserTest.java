package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParserTest {
  static final String MAP =
      "IOMMU: iova=0x00000000fffff000 - 0x0000000100000000 paddr=0x0000000104a3c000 size=4096";
  static final String UNMAP =
      "IOMMU: iova=0x00000000fffff000 - 0x0000000100000000 size=4096 unmapped_size=4096";

  private final TraceParser parser = new TraceParser();
  private final TraceLine line = new TraceLine();

  private TraceLine parse(String text) {
    // Not at the beginning of the array, as in a buffer.
    byte[] bytes = ("x\n" + text + "\nmore").getBytes(StandardCharsets.UTF_8);
    parser.parse(bytes, 2, bytes.length - 5, line);
    return line;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "     kworker/3:1-87      [003] .....   512.331882: map: ",
        "     kworker/3:1-87      [003] d.h1.   512.331882: map: ",
        "     kworker/3:1-87      (     87) [003] .....   512.331882: map: ",
        "     kworker/3:1-87      (-------) [003] .....   512.331882: map: ",
        "     kworker/3:1-87    [003]   512.331882: map:                  ",
        "     kworker/3:1-87    [003] ....1   512.331882: map:                  ",
        "kworker/3:1    87 [003]   512.331882:          iommu:map: ",
        "kworker/u8:3-events_unbound    12/87 [003]   512.331882000: iommu:map: ",
        "CPU 0/KVM    87   512.331882: iommu:map: ",
        "   a [000] 1: x-87    [003] .....   512.331882: map: ",
        "    x 1.000000: -87    [003] .....   512.331882: map: ",
        "   a 1 1.00000: x-87    [003] .....   512.331882: map: ",
        "        #strange-87    [003] .....   512.331882: map: ",
        "         map: IO-87    [003] .....   512.331882: map: ",
      })
  void aMapIsUnderstoodWhoeverPrintedIt(String header) {
    parse(header + MAP);
    assertThat(line.why()).isEmpty();
    assertThat(line.kind()).isEqualTo(Kind.MAP);
    assertThat(line.nanos()).isEqualTo(512_331_882_000L);
    assertThat(line.pid()).isEqualTo(87);
    assertThat(line.iova()).isEqualTo(0xfffff000L);
    assertThat(line.pa()).isEqualTo(0x104a3c000L);
    assertThat(line.size()).isEqualTo(4096);
  }

  @Test
  void anUnmapSaysWhatWasUnmapped() {
    parse(
        "nvme0-1211    [001] d.h1.   512.332014: unmap: "
            + UNMAP.replace("d_size=4096", "d_size=0"));
    assertThat(line.kind()).isEqualTo(Kind.UNMAP);
    assertThat(line.iova()).isEqualTo(0xfffff000L);
    assertThat(line.size()).isEqualTo(4096);
    assertThat(line.unmapped()).isZero();
  }

  @Test
  void olderKernelsPrintNoEndOfTheRange() {
    parse("a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=8192");
    assertThat(line.kind()).isEqualTo(Kind.MAP);
    assertThat(line.size()).isEqualTo(8192);
  }

  @Test
  void theLastPageOfAllEndsAtZero() {
    parse(
        "a-1 [000] 1.000000: unmap: IOMMU: iova=0xfffffffffffff000 - 0x0000000000000000"
            + " size=4096 unmapped_size=4096");
    assertThat(line.kind()).isEqualTo(Kind.UNMAP);
    assertThat(line.iova()).isEqualTo(-4096);
  }

  @Test
  void eventsOfDevices() {
    String header = "vfio-1 [000] 1.000000: ";
    assertThat(parse(header + "attach_device_to_domain: IOMMU: device=0000:03:00.0").kind())
        .isEqualTo(Kind.ATTACH);
    assertThat(line.device()).isEqualTo("0000:03:00.0");
    assertThat(parse(header + "detach_device_from_domain: IOMMU: device=0000:03:00.0").kind())
        .isEqualTo(Kind.DETACH);
    assertThat(parse(header + "add_device_to_group: IOMMU: groupID=12 device=eth0").kind())
        .isEqualTo(Kind.ADD_TO_GROUP);
    assertThat(line.group()).isEqualTo(12);
    assertThat(line.device()).isEqualTo("eth0");
    assertThat(parse(header + "remove_device_from_group: IOMMU: groupID=12 device=eth0").kind())
        .isEqualTo(Kind.REMOVE_FROM_GROUP);
    assertThat(
            parse(
                    header
                        + "iommu:io_page_fault: IOMMU:edu 0000:00:04.0"
                        + " iova=0x00000000fffff000 flags=0x0001")
                .kind())
        .isEqualTo(Kind.FAULT);
    assertThat(line.device()).isEqualTo("0000:00:04.0");
    assertThat(line.iova()).isEqualTo(0xfffff000L);
    assertThat(parse(header + "attach_device_to_domain: IOMMU: device=").kind())
        .isEqualTo(Kind.BAD);
  }

  @Test
  void lostEventsAreCounted() {
    assertThat(parse("CPU:2 [LOST 1234 EVENTS]").kind()).isEqualTo(Kind.LOST);
    assertThat(line.lost()).isEqualTo(1234);
    assertThat(parse("CPU:2 [17 EVENTS DROPPED]").lost()).isEqualTo(17);
    assertThat(parse("CPU:2 [EVENTS DROPPED]").lost()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "# tracer: nop",
        "  # a remark",
        "##### CPU 3 buffer started ####",
        "cpus=8",
        "CPU 1 is empty",
        " => iommu_map",
        "\tffffffff8a2b1c40 iommu_map+0x60 ([kernel.kallsyms])",
      })
  void linesWithoutAnEventAreSkipped(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.SKIPPED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-1 [000] 1.000000: sched_switch: prev_comm=map: IO prev_pid=1",
        "a-1 [000] 1.000000: tracing_mark_write: hello",
        "a 1 [000] 1.000000: other:map: something",
        "a-1 [000] 1.000000: iommu_map <-__iommu_dma_map",
      })
  void otherEventsAreNoErrors(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.OTHER_EVENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "a-1 [000] 1.000: map: " + MAP,
        "a-1 [0x0] 1.000000: map: " + MAP,
        "1.000000: map: " + MAP,
        "a-1 [000] 1.000000: map " + MAP,
        "a-1 [000] 1.000000: map: IOMMV: iova=0x1000 paddr=0x2000 size=4096",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=4096 more",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=-4096",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 paddr=0x2000 size=1234567890123456789",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x10000000000001000 paddr=0x2000 size=4096",
        "a-1 [000] 1.000000: map: IOMMU: iova=0x1000 - 0x2001 paddr=0x2000 size=4096",
        "a-1 [000] 1.000000: map: IOMMU: iova=0X1000 paddr=0x2000 size=4096",
        "a-1 [000] 1.000000: unmap: IOMMU: iova=0x1000 size=4096",
        "a-1 [000] 1.000000: unmap: " + MAP,
      })
  void everythingElseIsBad(String text) {
    assertThat(parse(text).kind()).isEqualTo(Kind.BAD);
    assertThat(line.why()).isNotEmpty();
  }

  @Test
  void aMarkInATraceCannotPassForAnEvent() {
    String mark = "a-1 [000] 1.000000: tracing_mark_write: b-2 [000] 2.000000: map: " + MAP;
    assertThat(parse(mark).kind()).isEqualTo(Kind.BAD);
  }
}
