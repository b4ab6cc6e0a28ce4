package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.TextCursor;
import org.jspecify.annotations.Nullable;

/**
 * One line of /proc/PID/maps: addresses that a process may use, with what it may do there.
 *
 * <p>The line is {@code start-end perms offset major:minor inode}, then blanks and the name if
 * there is one; addresses are hexadecimal, {@code end} is exclusive. The name may contain blanks, a
 * line end as {@code \012}, and end in {@code (deleted)}. Source: Linux, proc_pid_maps(5).
 *
 * @param start the first va
 * @param end the va after the last
 * @param permissions four characters such as {@code rw-p}
 * @param name as printed, empty for anonymous memory
 */
record Vma(long start, long end, String permissions, String name) {
  private static final int PERMISSIONS = 4;

  /** Bytes. */
  long bytes() {
    return end - start;
  }

  /** The same mapping at lower addresses. */
  Vma movedDown(long bytes) {
    return new Vma(start - bytes, end - bytes, permissions, name);
  }

  /** Whether no access is allowed. */
  boolean isProtNone() {
    return permissions.startsWith("---");
  }

  /** Whether stores are allowed. */
  boolean isWritable() {
    return permissions.charAt(1) == 'w';
  }

  /** Whether instruction fetches are allowed. */
  boolean isExecutable() {
    return permissions.charAt(2) == 'x';
  }

  /** Whether the addresses lie in the upper half, where the kernel shows {@code [vsyscall]}. */
  boolean isKernelHalf() {
    return start < 0;
  }

  /** The line as a mapping, or null if it is none. */
  static @Nullable Vma parse(String line) {
    TextCursor text = new TextCursor(line);
    long start = text.hex();
    boolean dash = text.skip('-');
    long end = text.hex();
    boolean blank = text.skip(' ');
    String permissions = text.word();
    boolean second = text.skip(' ');
    text.hex();
    boolean third = text.skip(' ');
    text.hex();
    boolean colon = text.skip(':');
    text.hex();
    boolean fourth = text.skip(' ');
    text.decimal();
    if (text.failed() || !(dash && blank && second && third && colon && fourth)) {
      return null;
    }
    boolean noName = text.atEnd();
    if (!noName && !text.skip(' ')) {
      return null;
    }
    if (!isPermissions(permissions)
        || Long.compareUnsigned(start, end) >= 0
        || start % ProcessSource.PAGE_BYTES != 0
        || end % ProcessSource.PAGE_BYTES != 0) {
      return null;
    }
    return new Vma(start, end, permissions, text.rest());
  }

  private static boolean isPermissions(String text) {
    return text.length() == PERMISSIONS
        && isOneOf(text.charAt(0), 'r')
        && isOneOf(text.charAt(1), 'w')
        && isOneOf(text.charAt(2), 'x')
        && (text.charAt(3) == 'p' || text.charAt(3) == 's');
  }

  private static boolean isOneOf(char c, char allowed) {
    return c == allowed || c == '-';
  }
}
