package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Lines damaged at random: what the parser takes for an event is what a regular expression, which
 * shares no code with it, reads in the very same line.
 */
class TraceMutationTest {
  private static final int ROUNDS = 100_000;

  private static final List<String> LINES =
      List.of(
          "     kworker/3:1-87      [003] d.h1.   512.331882: map: " + TraceParserTest.MAP,
          "    nvme0-1211  (   1211) [001] d.h1.   512.332014: unmap: " + TraceParserTest.UNMAP,
          "kworker/3:1    87 [003]   512.331882:          iommu:map: " + TraceParserTest.MAP,
          "CPU 0/KVM    87   512.331882: iommu:unmap: " + TraceParserTest.UNMAP);

  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?<head>.*\\S.*?)(?<time>[0-9]+[.][0-9]{6,9}):[ \t]+(iommu:)?(?<name>map|unmap):[ \t]+"
              + "IOMMU: iova=0x(?<iova>[0-9a-f]{1,16})( - 0x(?<end>[0-9a-f]{1,16}))?"
              + "( paddr=0x(?<pa>[0-9a-f]{1,16}))? size=(?<size>[0-9]{1,18})"
              + "( unmapped_size=(?<unmapped>[0-9]{1,18}))?[ \t]*",
          Pattern.DOTALL);

  private long seed;
  private Random random;

  @BeforeEach
  void seed() {
    seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("trace mutations: -Dmemdesc.seed=" + seed);
    random = new Random(seed);
  }

  @Test
  void aDamagedLineIsBadOrSaysWhatIsInIt() {
    TraceParser parser = new TraceParser();
    TraceLine line = new TraceLine();
    int events = 0;
    int bad = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes =
          damaged(LINES.get(random.nextInt(LINES.size())).getBytes(StandardCharsets.ISO_8859_1));
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      parser.parse(bytes, 0, bytes.length, line);
      if (line.kind() == Kind.MAP || line.kind() == Kind.UNMAP) {
        check(text, line);
        events++;
      } else if (line.kind() == Kind.BAD) {
        bad++;
      } else {
        // Only a comment, and a line whose mark is gone, may count as something else.
        assertThat(text.startsWith("#") ? "" : text).as("seed %d", seed).doesNotContain("IOMMU:");
      }
    }
    assertThat(events).as("events, seed %d", seed).isGreaterThan(ROUNDS / 20);
    assertThat(bad).as("bad lines, seed %d", seed).isGreaterThan(ROUNDS / 4);
  }

  private void check(String text, TraceLine line) {
    Matcher matcher = REFERENCE.matcher(text);
    assertThat(matcher.matches()).as("seed %d: %s", seed, text).isTrue();
    boolean map = matcher.group("name").equals("map");
    assertThat(line.kind()).isEqualTo(map ? Kind.MAP : Kind.UNMAP);
    long iova = Long.parseUnsignedLong(matcher.group("iova"), 16);
    long size = Long.parseLong(matcher.group("size"));
    assertThat(line.iova()).as(text).isEqualTo(iova);
    assertThat(line.size()).as(text).isEqualTo(size);
    if (matcher.group("end") != null) {
      assertThat(Long.parseUnsignedLong(matcher.group("end"), 16)).isEqualTo(iova + size);
    }
    if (map) {
      assertThat(line.pa()).as(text).isEqualTo(Long.parseUnsignedLong(matcher.group("pa"), 16));
    } else {
      assertThat(line.unmapped()).as(text).isEqualTo(Long.parseLong(matcher.group("unmapped")));
    }
  }

  private byte[] damaged(byte[] line) {
    return switch (random.nextInt(5)) {
      case 0 -> Arrays.copyOf(line, random.nextInt(line.length));
      case 1 -> Arrays.copyOfRange(line, random.nextInt(line.length), line.length);
      case 2 -> shortened(line);
      case 3 -> overwritten(line);
      default -> {
        // One of the characters that the grammar is made of, where it does not belong.
        byte[] bytes = line.clone();
        String grammar = " :.[]()-/0x1af=\t";
        bytes[random.nextInt(bytes.length)] =
            (byte) grammar.charAt(random.nextInt(grammar.length()));
        yield bytes;
      }
    };
  }

  private byte[] shortened(byte[] line) {
    int from = random.nextInt(line.length);
    int length = random.nextInt(Math.min(30, line.length - from));
    byte[] shorter = new byte[line.length - length];
    System.arraycopy(line, 0, shorter, 0, from);
    System.arraycopy(line, from + length, shorter, from, shorter.length - from);
    return shorter;
  }

  private byte[] overwritten(byte[] line) {
    byte[] bytes = line.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}
