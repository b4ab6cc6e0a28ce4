package dev.memdesc.cli.survey;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The functions of the C library that Java has no API for: ioctl, lseek and isatty, and open and
 * close for a descriptor to call them on.
 *
 * <p>All are called through one handle of the shape {@code long f(long, long, long)}: linking a
 * shape costs more than everything else that a short survey does, and on Linux's ABIs integers and
 * pointers, variadic or not, travel in the same registers. Upper halves of {@code int} results are
 * undefined, so callers cast.
 */
@SuppressWarnings("restricted")
final class Native {
  /** No such file or directory. */
  static final int ENOENT = 2;

  /** No such device or address: lseek found no more data. */
  static final int ENXIO = 6;

  /** Permission denied. */
  static final int EACCES = 13;

  /** Operation not permitted. */
  static final int EPERM = 1;

  /** Next data at or after an offset. */
  static final int SEEK_DATA = 3;

  /** Next hole at or after an offset. */
  static final int SEEK_HOLE = 4;

  private static final int O_RDONLY_CLOEXEC = 0x80000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.captureCallState("errno"));
  private static final MemorySegment OPEN = symbol("open");
  private static final MemorySegment IOCTL = symbol("ioctl");
  private static final MemorySegment LSEEK = symbol("lseek");
  private static final MemorySegment CLOSE = symbol("close");

  private Native() {}

  /** Memory for the number of the last error; one per thread that calls. */
  static MemorySegment newErrno(Arena arena) {
    return arena.allocate(STATE);
  }

  /** The number of the error that the last call through {@code errno} ended with. */
  static int errno(MemorySegment errno) {
    return (int) ERRNO.get(errno, 0L);
  }

  /** Opens a file for reading: a descriptor, or -1. */
  static int open(MemorySegment errno, String path) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) call(OPEN, errno, arena.allocateFrom(path).address(), O_RDONLY_CLOEXEC, 0);
    }
  }

  /** Calls an ioctl with a structure: its result, or -1. */
  static int ioctl(MemorySegment errno, int descriptor, long request, MemorySegment argument) {
    return (int) call(IOCTL, errno, descriptor, request, argument.address());
  }

  /** Moves to the next data or hole: its offset, or -1. */
  static long lseek(MemorySegment errno, int descriptor, long offset, int whence) {
    return call(LSEEK, errno, descriptor, offset, whence);
  }

  /** Closes a descriptor. */
  static void close(MemorySegment errno, int descriptor) {
    call(CLOSE, errno, descriptor, 0, 0);
  }

  /** Whether a descriptor is a terminal's. */
  static boolean isTerminal(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) call(symbol("isatty"), newErrno(arena), descriptor, 0, 0) == 1;
    }
  }

  private static MemorySegment symbol(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }

  private static long call(MemorySegment function, MemorySegment errno, long a, long b, long c) {
    try {
      return (long) CALL.invokeExact(function, errno, a, b, c);
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the C library does not throw", e);
    }
  }
}
