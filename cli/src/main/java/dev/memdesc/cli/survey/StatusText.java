package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import dev.memdesc.cli.input.TextCursor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of /proc/PID/status that a survey needs. Source: Linux, proc_pid_status(5).
 *
 * @param name the command, at most 15 characters
 * @param state one letter: R running, S and D sleeping, T stopped, Z zombie
 * @param tablesKiB VmPTE; -1 without such a line: the process has no memory
 * @param residentKiB VmRSS and HugetlbPages
 * @param kernelThread whether there is a line {@code Kthread: 1}
 * @param switches context switches of the thread, both kinds
 */
record StatusText(
    String name,
    char state,
    long tablesKiB,
    long residentKiB,
    boolean kernelThread,
    long switches) {

  /** Reads a status; lines with a number that is none are counted in {@code bad}. */
  static StatusText read(LineReader lines, BadLines bad) throws IOException {
    String name = "";
    char state = '?';
    long tablesKiB = -1;
    long residentKiB = 0;
    boolean kernelThread = false;
    long switches = 0;
    for (String line = lines.read(); line != null; line = lines.read()) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        bad.add("status", lines.number(), "has no colon", line);
        continue;
      }
      switch (line.substring(0, colon)) {
        case "Name" -> name = new TextCursor(line.substring(colon + 1)).rest();
        case "State" -> {
          String text = new TextCursor(line.substring(colon + 1)).rest();
          state = text.isEmpty() ? '?' : text.charAt(0);
        }
        case "VmPTE" -> tablesKiB = number(line, colon, "kB", lines, bad);
        case "VmRSS", "HugetlbPages" ->
            residentKiB += Math.max(0, number(line, colon, "kB", lines, bad));
        case "Kthread" -> kernelThread = number(line, colon, "", lines, bad) == 1;
        case "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches" ->
            switches += number(line, colon, "", lines, bad);
        default -> {}
      }
    }
    return new StatusText(name, state, tablesKiB, residentKiB, kernelThread, switches);
  }

  private static long number(String line, int colon, String unit, LineReader lines, BadLines bad) {
    Long number = parse(line.substring(colon + 1), unit);
    if (number == null) {
      bad.add("status", lines.number(), "is not \"Key: number\"", line);
      return -1;
    }
    return number;
  }

  private static @Nullable Long parse(String text, String unit) {
    TextCursor cursor = new TextCursor(text);
    cursor.skipBlanks();
    long number = cursor.decimal();
    return cursor.failed() || !cursor.rest().equals(unit) ? null : number;
  }
}
