package dev.memdesc.cli.trace;

import dev.memdesc.cli.trace.TraceLine.Clock;
import dev.memdesc.cli.trace.TraceLine.Kind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Understands one line of a trace: docs/replay.md has the grammar. Nothing is guessed: an event
 * that is not complete to the last byte is BAD, and so is one whose range does not end where its
 * size says.
 */
final class TraceParser {
  private static final byte[] SYSTEM = bytes("iommu:");

  private final TraceHeader header = new TraceHeader();
  private final ConsolePrefix console = new ConsolePrefix();
  private final DebugLines debug = new DebugLines();
  private final PerfTraceLine perfTrace = new PerfTraceLine();
  private final EventFields fields = new EventFields();
  private final EventWords words = new EventWords();
  private final RareLines rare = new RareLines();
  private final ByteCursor cursor = new ByteCursor();

  /** Fills {@code line} with what the bytes from {@code from} to {@code to} say. */
  void parse(byte[] text, int from, int to, TraceLine line) {
    line.domain = "";
    line.nanos = 0;
    line.pid = 0;
    line.clock = Clock.NONE;
    if (header.read(text, from, to)) {
      line.nanos = header.nanos();
      line.pid = header.pid();
      line.clock = header.clock();
      event(text, to, line);
    } else if (from < to && text[from] == '#') {
      line.kind = Kind.SKIPPED;
    } else {
      withoutHeader(text, from, to, line);
    }
  }

  private void withoutHeader(byte[] bytes, int from, int to, TraceLine line) {
    boolean message = console.read(bytes, from, to);
    int start = message ? console.bodyStart() : from;
    if (message && console.timed()) {
      line.nanos = console.nanos();
      line.clock = Clock.SECONDS;
    }
    String body = text(bytes, start, to);
    header.readName(bytes, start, to);
    if (EventWords.begins(bytes, header.textStart(), to) && hasEventName(bytes)) {
      event(bytes, to, line);
    } else if (debug.read(body, line)) {
      return;
    } else if (message && !EventWords.isRangeIn(body)) {
      // The kernel says much else, also of IOMMUs.
      line.kind = Kind.SKIPPED;
    } else if (perfTrace.read(body)) {
      perfTrace(line);
    } else {
      rare.noEvent(bytes, from, to, line);
    }
  }

  private boolean hasEventName(byte[] bytes) {
    cursor.set(bytes, header.nameStart(), header.nameEnd());
    cursor.skip(SYSTEM);
    return RareLines.isEventName(bytes, cursor.position(), header.nameEnd());
  }

  /** The event that the header's name and text are. */
  private void event(byte[] text, int to, TraceLine line) {
    cursor.set(text, header.nameStart(), header.nameEnd());
    boolean system = cursor.skip(SYSTEM);
    int name = cursor.position();
    @Nullable Kind kind = kind(text, name, header.nameEnd());
    if (EventWords.begins(text, header.textStart(), to)) {
      if (kind != null) {
        words(kind, text, header.textStart(), to, line);
      } else {
        unknown(text, name, header.nameEnd(), line);
      }
    } else if (kind != null) {
      if (!fields.ftrace(kind, text(text, header.textStart(), to), line)) {
        line.bad("is an iommu event without its text");
      }
    } else if (system) {
      unknown(text, name, header.nameEnd(), line);
    } else if (EventWords.isIn(text, header.nameStart(), to)) {
      line.bad("is an iommu event without its text");
    } else {
      line.kind = Kind.OTHER_EVENT;
    }
  }

  private void words(Kind kind, byte[] text, int from, int to, TraceLine line) {
    switch (kind) {
      case MAP, MAP_SG, UNMAP -> words.range(kind, text, from, to, line);
      default -> rare.device(kind, text, from + EventWords.MARK_BYTES, to, line);
    }
  }

  private static void unknown(byte[] text, int from, int to, TraceLine line) {
    if (!RareLines.isEventName(text, from, to)) {
      line.bad("is an iommu event whose name is none");
      return;
    }
    line.kind = Kind.UNKNOWN_EVENT;
    line.name = text(text, from, to);
  }

  private void perfTrace(TraceLine line) {
    line.nanos = perfTrace.nanos();
    line.pid = perfTrace.pid();
    line.clock = Clock.SECONDS;
    byte[] name = perfTrace.name().getBytes(StandardCharsets.ISO_8859_1);
    byte[] text = perfTrace.text().getBytes(StandardCharsets.ISO_8859_1);
    @Nullable Kind kind = kind(name, 0, name.length);
    if (kind == null) {
      unknown(name, 0, name.length, line);
    } else if (!perfTrace.words()) {
      if (!fields.perf(kind, perfTrace.text(), line)) {
        line.bad("is an iommu event without its fields");
      }
    } else if (EventWords.begins(text, 0, text.length)) {
      words(kind, text, 0, text.length, line);
    } else {
      line.bad("is an iommu event without its text");
    }
  }

  private static @Nullable Kind kind(byte[] text, int from, int to) {
    int bytes = to - from;
    if (bytes == 3 && text[from] == 'm' && text[from + 1] == 'a' && text[from + 2] == 'p') {
      return Kind.MAP;
    }
    return bytes < 5 ? null : RareLines.longNamed(text, from, bytes);
  }

  /** The bytes as text in which a character's index is its byte's. */
  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
