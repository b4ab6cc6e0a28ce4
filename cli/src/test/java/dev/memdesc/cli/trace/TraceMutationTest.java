package dev.memdesc.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
  private static final int ROUNDS = 1_000_000;

  private static final List<String> LINES =
      List.of(
          "     kworker/3:1-87      [003] d.h1.   512.331882: map: " + TraceParserTest.MAP,
          "    nvme0-1211  (   1211) [001] d.h1.   512.332014: unmap: " + TraceParserTest.UNMAP,
          "kworker/3:1    87 [003]   512.331882:          iommu:map: " + TraceParserTest.MAP,
          "CPU 0/KVM    87   512.331882: iommu:unmap: " + TraceParserTest.UNMAP,
          "kworker/-87        3d.h1.  331882us : map: " + TraceParserTest.MAP,
          "kworker/-87      3d.h1   512.331882: unmap:     " + TraceParserTest.UNMAP,
          "     kworker/3:1-87      [003] d.h1. 987654321: unmap: " + TraceParserTest.UNMAP,
          "[  512.331882][  T312] unmap: " + TraceParserTest.UNMAP,
          "Nov 29 16:55:59 machine kernel: [  512.331882] map: " + TraceParserTest.MAP,
          " map: " + TraceParserTest.MAP,
          "a-1 [000] 1.000000: unmap: IOMMU: iova=0x0000000000201000 size=0x1000",
          "a-1 [000] 1.000000: map: IOMMU:kgsl iova=0x1000 paddr=0x82000 size=0x3000 prot=0x3",
          "a-1 [000] 1.000000: unmap: IOMMU:kgsl iova=0x1000 size=0x3000 unmapped_size=0x3000",
          "a-1 [000] 1.000000: map_sg: IOMMU:kgsl iova=0x1000 size=0x3000 prot=0x3",
          "a-1 [000] 1.000000: map: IOMMU: dev=ufshc iova=0x1000 paddr=0x82000 size=4096",
          "a-1 [000] 1.000000: map: iova=4096 (0x1000) paddr=32768 (0x8000) size=8192 (0x2000)",
          "a-1 [000] 1.000000: unmap: iova=4096 (0x1000) size=4096 (0x1000) unmapped_size=0 (0x0)",
          "     1.402 a/312 iommu:map(iova: 12288, paddr: 8192, size: 4096)",
          "     1.402 iommu:unmap:" + TraceParserTest.UNMAP + ")",
          "[  512.331882] iommu: map: iova 0xffffd000 pa 0x0000000104a40000 size 0x2000",
          "[  512.331882] iommu: unmapped: iova 0xc0000000 size 0x200000");

  private static final String NUMBER = "(0x[0-9a-f]{1,16}|-?[0-9]{1,20})";
  private static final String HEX = "(0x[0-9a-f]{1,16})";
  private static final String NAME = "(?:.*[ \t:]|)(?<name>map|unmap|map_sg)";

  /** What stands in an event's brackets again is the same number. */
  private static String field(String name, String separator, String group) {
    return "(?:" + separator + name + "(?<" + group + ">" + NUMBER + ")(?: \\(0x[0-9a-f]+\\))?)?";
  }

  /** The events in every dialect, each as one expression. */
  private static final List<Pattern> REFERENCES =
      List.of(
          Pattern.compile(
              (NAME
                      + ":[ \t]*IOMMU:(?: dev=(?<dev>\\S+)|(?<domain>\\S+))? iova=(?<iova>"
                      + HEX
                      + ")")
                  + ("(?: - (?<end>" + HEX + "))?(?: paddr=(?<pa>" + HEX + "))?")
                  + (" size=(?<size>" + NUMBER + ")(?: unmapped_size=(?<unmapped>" + NUMBER + "))?")
                  + ("(?: prot=" + NUMBER + ")?[ \t]*\\)?\\s*"),
              Pattern.DOTALL),
          Pattern.compile(
              (NAME + ":[ \t]*(?:name=(?<domain>\\S+))?")
                  + field("iova=", "\\s*", "iova")
                  + field("paddr=", "\\s+", "pa")
                  + field("size=", "\\s+", "size")
                  + field("unmapped_size=", "\\s+", "unmapped")
                  + field("prot=", "\\s+", "prot")
                  + "\\s*",
              Pattern.DOTALL),
          Pattern.compile(
              ".*?iommu:(?<name>map|unmap|map_sg)\\("
                  + field("iova: ", "\\s*", "iova")
                  + field("paddr: ", "(?:,\\s*)?", "pa")
                  + field("size: ", "(?:,\\s*)?", "size")
                  + field("unmapped_size: ", "(?:,\\s*)?", "unmapped")
                  + "\\s*\\)\\s*",
              Pattern.DOTALL),
          Pattern.compile(
              (".*iommu: (?<name>map|unmap)(?:ped)?: iova (?<iova>" + HEX + ")")
                  + ("(?: pa (?<pa>" + HEX + "))? size (?<size>" + HEX + ")\\s*"),
              Pattern.DOTALL));

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
      if (line.kind() == Kind.MAP || line.kind() == Kind.MAP_SG || line.kind() == Kind.UNMAP) {
        check(text, line);
        events++;
      } else if (line.kind() == Kind.BAD) {
        bad++;
      } else if (!text.startsWith("#") && REFERENCES.getFirst().matcher(text).matches()) {
        // Only a comment, and a line whose name or mark is gone, may count as something else.
        throw new AssertionError("seed %d: %s: %s".formatted(seed, line.kind(), text));
      }
    }
    assertThat(events).as("events, seed %d", seed).isGreaterThan(ROUNDS / 20);
    assertThat(bad).as("bad lines, seed %d", seed).isGreaterThan(ROUNDS / 4);
  }

  @Test
  void aLineSaysTheSameBesideRandomBytes() {
    TraceParser parser = new TraceParser();
    TraceLine line = new TraceLine();
    TraceLine alone = new TraceLine();
    for (int round = 0; round < ROUNDS / 10; round++) {
      byte[] noise = new byte[random.nextInt(random.nextInt(50) == 0 ? 2000 : 80)];
      random.nextBytes(noise);
      parser.parse(noise, 0, noise.length, line);
      String text = LINES.get(random.nextInt(LINES.size()));
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      parser.parse(bytes, 0, bytes.length, line);
      new TraceParser().parse(bytes, 0, bytes.length, alone);
      assertThat(saying(line)).as("seed %d: %s", seed, text).isEqualTo(saying(alone));
    }
  }

  private static String saying(TraceLine line) {
    String said = line.kind() + " " + line.domain() + " " + line.nanos() + " " + line.pid();
    long last = line.kind() == Kind.UNMAP ? line.unmapped() : line.pa();
    return said + " " + line.iova() + " " + line.size() + " " + last;
  }

  private void check(String text, TraceLine line) {
    Matcher matcher =
        REFERENCES.stream()
            .map(pattern -> pattern.matcher(text))
            .filter(Matcher::matches)
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("seed %d: %s: %s".formatted(seed, line.kind(), text)));
    String name = matcher.group("name");
    boolean said =
        name.equals(line.kind().name().toLowerCase(Locale.ROOT))
            && line.iova() == number(matcher, "iova")
            && line.size() == number(matcher, "size")
            && (line.kind() != Kind.MAP || line.pa() == number(matcher, "pa"))
            && (line.kind() != Kind.UNMAP || line.unmapped() == unmapped(matcher))
            && line.domain().equals(domain(matcher));
    if (!said) {
      throw new AssertionError("seed %d: %s: %s".formatted(seed, saying(line), text));
    }
    if (has(matcher, "end")) {
      assertThat(number(matcher, "end")).isEqualTo(line.iova() + line.size());
    }
  }

  private static boolean has(Matcher matcher, String group) {
    return matcher.namedGroups().containsKey(group) && matcher.group(group) != null;
  }

  private static long number(Matcher matcher, String group) {
    String text = has(matcher, group) ? matcher.group(group) : "0";
    if (text.startsWith("0x")) {
      return Long.parseUnsignedLong(text.substring(2), 16);
    }
    return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
  }

  /** Where it is not said, all that was asked for; perf trace leaves out what is 0. */
  private static long unmapped(Matcher matcher) {
    boolean zero = matcher.pattern().equals(REFERENCES.get(2));
    return number(matcher, has(matcher, "unmapped") || zero ? "unmapped" : "size");
  }

  private static String domain(Matcher matcher) {
    String name =
        has(matcher, "domain")
            ? matcher.group("domain")
            : has(matcher, "dev") ? matcher.group("dev") : "";
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return new String(bytes, StandardCharsets.UTF_8);
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
