package dev.memdesc.cli.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.trace.TraceLine.Kind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Reads a trace from its first line to its last and never keeps more than one. Lines that make no
 * sense are counted and passed over.
 */
public final class TraceReader implements AutoCloseable {
  /** The name that means standard input. */
  public static final String STANDARD_INPUT = "-";

  private static final int MAGIC_BYTES = 8;

  /** How many names of unknown events are kept. */
  public static final int NAMES_SHOWN = 5;

  private static final int GZIP_BUFFER_BYTES = 1 << 16;

  private final String name;
  private final boolean standard;
  private final InputStream in;
  private final ByteLines lines;
  private final TraceParser parser = new TraceParser();
  private final TraceLine line = new TraceLine();
  private final BadLines badLines = new BadLines();
  private final Set<String> unknownNames = new LinkedHashSet<>();
  private long otherEvents;
  private long unknownEvents;
  private long lostEvents;

  private TraceReader(String name, boolean standard, InputStream in) {
    this.name = name;
    this.standard = standard;
    this.in = in;
    this.lines = new ByteLines(in);
  }

  /**
   * Opens a trace, which may be compressed with gzip.
   *
   * @param file its path, or {@value #STANDARD_INPUT}
   * @param standardInput what that stands for; it stays open
   * @throws PageTableException with {@link Reason#INPUT} if it cannot be read, or is perf's own
   *     file and not its text, or trace-cmd's and trace-cmd is not there to print it
   */
  public static TraceReader open(String file, InputStream standardInput) {
    return open(file, standardInput, TraceCmd.installed());
  }

  /**
   * Opens a trace as above.
   *
   * @param traceCmd prints trace-cmd's own files
   */
  static TraceReader open(String file, InputStream standardInput, TraceCmd traceCmd) {
    boolean standard = file.equals(STANDARD_INPUT);
    InputStream raw = standard ? standardInput : openFile(file);
    try {
      InputStream in = decoded(file, standard, raw, traceCmd);
      return new TraceReader(standard ? "standard input" : file, standard, in);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static InputStream openFile(String file) {
    try {
      return Files.newInputStream(Path.of(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static InputStream decoded(
      String file, boolean standard, InputStream raw, TraceCmd traceCmd) throws IOException {
    InputStream in = new BufferedInputStream(raw, GZIP_BUFFER_BYTES);
    in.mark(MAGIC_BYTES);
    byte[] magic = in.readNBytes(MAGIC_BYTES);
    in.reset();
    String text = new String(magic, StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u001f\u008b")) {
      return new GZIPInputStream(in, GZIP_BUFFER_BYTES);
    }
    if (text.startsWith("\u0017\u0008Dtrac")) {
      if (standard) {
        throw binary(
            file, "trace-cmd report prints it: trace-cmd report -i FILE | memdesc replay -");
      }
      in.close();
      return traceCmd.report(Path.of(file));
    }
    if (text.equals("PERFILE2")) {
      throw binary(file, "perf script prints it: perf script -i FILE | memdesc replay -");
    }
    return in;
  }

  /**
   * Goes on to the next event of the iommu subsystem.
   *
   * @return false at the end of the trace
   * @throws PageTableException with {@link Reason#INPUT} if the trace cannot be read on
   */
  public boolean next() {
    try {
      while (lines.next()) {
        parser.parse(lines.bytes(), lines.start(), lines.end(), line);
        if (line.kind().isIommu()) {
          if (!lines.cut()) {
            return true;
          }
          line.bad("is too long");
        }
        count();
      }
      return false;
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private void count() {
    if (line.kind() == Kind.BAD) {
      badLines.add(name, lines.number(), line.why(), lines.text());
    } else if (line.kind() == Kind.LOST) {
      lostEvents += line.lost();
    } else if (line.kind() == Kind.OTHER_EVENT) {
      otherEvents++;
    } else if (line.kind() == Kind.UNKNOWN_EVENT) {
      unknownEvents++;
      if (unknownNames.size() < NAMES_SHOWN) {
        unknownNames.add(line.name());
      }
    }
  }

  /** What to call the trace. */
  public String name() {
    return name;
  }

  /** The event, until the next {@link #next}. */
  public TraceLine line() {
    return line;
  }

  /** The number of the event's line, from 1; at the end of the trace, how many lines it had. */
  public long number() {
    return lines.number();
  }

  /** Events of other subsystems so far. */
  public long otherEvents() {
    return otherEvents;
  }

  /** Events of the iommu subsystem so far that say nothing of mappings. */
  public long unknownEvents() {
    return unknownEvents;
  }

  /** The first names of such events. */
  public List<String> unknownNames() {
    return List.copyOf(unknownNames);
  }

  /** Events that the tracer says it lost so far. */
  public long lostEvents() {
    return lostEvents;
  }

  /** Lines so far that made no sense. */
  public long badLineCount() {
    return badLines.count();
  }

  /** The first of them, with their numbers. */
  public List<String> badLines() {
    return badLines.shown();
  }

  private static PageTableException binary(String file, String hint) {
    return PageTableException.because(Reason.INPUT, "a trace is text")
        .with("file", file)
        .hint(hint)
        .build();
  }

  private static PageTableException unreadable(String file, IOException cause) {
    return PageTableException.because(Reason.INPUT, "a trace is read to its end")
        .with("file", file)
        .with("error", cause.getClass().getSimpleName())
        .build(cause);
  }

  /** Closes the file; standard input stays open. A program that prints the trace is ended. */
  @Override
  public void close() {
    try {
      if (!standard) {
        in.close();
      }
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }
}
