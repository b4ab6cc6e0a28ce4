package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceReaderTest {
  @TempDir private Path folder;

  private static String map(int page) {
    return "a-1 [000] 1.000000: map: IOMMU: iova=0x%x paddr=0x2000 size=4096\n"
        .formatted(page * 4096L);
  }

  private static List<Long> numbers(TraceReader reader) {
    List<Long> numbers = new ArrayList<>();
    while (reader.next()) {
      numbers.add(reader.number());
    }
    return numbers;
  }

  private static TraceReader of(InputStream in) {
    return TraceReader.open("-", in);
  }

  private static TraceReader of(String text) {
    return of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void badLinesAreCountedAndShownWithTheirNumbers() {
    try (TraceReader reader =
        of(
            "# tracer: nop\n"
                + map(1)
                + "oops\n\u001b[2J\r\n"
                + map(2)
                + "a-1 [000] 1.000000: x: y")) {
      assertThat(numbers(reader)).containsExactly(2L, 5L);
      assertThat(reader.number()).isEqualTo(6);
      assertThat(reader.otherEvents()).isEqualTo(1);
      assertThat(reader.badLineCount()).isEqualTo(2);
      assertThat(reader.badLines())
          .containsExactly(
              "standard input line 3 is not a line of a trace: line=\"oops\"",
              "standard input line 4 is not a line of a trace: line=\"?[2J\"");
    }
  }

  @Test
  void linesEndWithAnyPieceOfTheBuffer() {
    StringBuilder text = new StringBuilder();
    Random random = new Random(7);
    int lines = 20_000;
    for (int i = 0; i < lines; i++) {
      text.append("#".repeat(random.nextInt(40))).append('\n').append(map(i));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    InputStream dribbling =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] b, int off, int len) {
            return super.read(b, off, Math.min(len, 1 + random.nextInt(3000)));
          }
        };
    try (TraceReader reader = of(dribbling)) {
      for (int i = 0; i < lines; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.line().iova()).isEqualTo(i * 4096L);
        assertThat(reader.number()).isEqualTo(2L * i + 2);
      }
      assertThat(reader.next()).isFalse();
      assertThat(reader.badLineCount()).isZero();
    }
  }

  @Test
  void aLineThatNeverEndsIsOneBadLine() {
    String event = map(1).strip();
    for (int more : new int[] {-1, 0, 1, 200_000, 1_000_000}) {
      String blanks = " ".repeat(ByteLines.MAX_LINE_BYTES - event.length() + more);
      try (TraceReader reader = of(event + blanks + "\n" + map(2) + event + blanks)) {
        boolean whole = more <= 0;
        assertThat(numbers(reader)).isEqualTo(whole ? List.of(1L, 2L, 3L) : List.of(2L));
        assertThat(reader.badLineCount()).isEqualTo(whole ? 0 : 2);
        assertThat(reader.number()).isEqualTo(3);
      }
    }
  }

  @Test
  void aTraceMayBeCompressed() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write((map(1) + map(2)).getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("trace.gz");
    Files.write(file, packed.toByteArray());
    try (TraceReader reader = TraceReader.open(file.toString(), InputStream.nullInputStream())) {
      assertThat(numbers(reader)).containsExactly(1L, 2L);
    }
    Files.write(file, java.util.Arrays.copyOf(packed.toByteArray(), packed.size() - 12));
    try (TraceReader reader = TraceReader.open(file.toString(), InputStream.nullInputStream())) {
      assertThatThrownBy(() -> numbers(reader))
          .isInstanceOf(PageTableException.class)
          .hasMessageContaining("a trace is read to its end: file=");
    }
  }

  @Test
  void filesThatAreNoTextSayWhatPrintsThem() throws IOException {
    Path file = folder.resolve("perf.data");
    Files.writeString(file, "PERFILE2 and more");
    assertThatThrownBy(() -> TraceReader.open(file.toString(), InputStream.nullInputStream()))
        .hasMessageContaining("perf script");
    assertThatThrownBy(
            () ->
                TraceReader.open(folder.resolve("none").toString(), InputStream.nullInputStream()))
        .hasMessageContaining("error=NoSuchFileException");
  }

  @Test
  void eventsOfUnknownNameAreCountedAndTheFirstNamesKept() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append("a-1 [000] 1.000000: event_%d: IOMMU:x %d us\n".formatted(i / 2, i));
    }
    try (TraceReader reader = of(text + map(1))) {
      assertThat(numbers(reader)).containsExactly(101L);
      assertThat(reader.unknownEvents()).isEqualTo(100);
      assertThat(reader.unknownNames())
          .containsExactly("event_0", "event_1", "event_2", "event_3", "event_4");
      assertThat(reader.badLineCount()).isZero();
      assertThat(reader.otherEvents()).isZero();
    }
  }

  @Test
  void anEmptyTraceHasNoEvents() {
    try (TraceReader reader = of("")) {
      assertThat(reader.next()).isFalse();
      assertThat(reader.number()).isZero();
    }
  }
}
