package dev.memdesc.cli.survey;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A process with known memory: maps what the scenario named by its first argument says, prints a
 * line that begins with "ready" or, if the kernel refuses, "refused", and waits to be killed. The
 * second argument is a file that it may map. Uses the JDK only.
 */
@SuppressWarnings("restricted")
final class MapChild {
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4 * KIB;
  private static final long HUGE = 2 * MIB;

  private static final int NONE = 0;
  private static final int READ = 1;
  private static final int READ_WRITE = 3;

  private static final int SHARED = 1;
  private static final int PRIVATE = 2;
  private static final int FIXED_NOREPLACE = 0x100000;
  private static final int ANONYMOUS = 0x20;
  private static final int NORESERVE = 0x4000;
  private static final int HUGETLB = 0x40000;

  private static final int DONTNEED = 4;
  private static final int FREE = 8;
  private static final int HUGEPAGE = 14;
  private static final int NOHUGEPAGE = 15;
  private static final int GUARD_INSTALL = 102;

  private static final int O_RDWR = 2;

  private static final Linker LINKER = Linker.nativeLinker();

  // The longest shape serves all: unused arguments are not looked at.
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private MapChild() {}

  public static void main(String[] args) throws Throwable {
    boolean done = run(args[0], args[1]);
    System.out.println(done ? "ready" : "refused");
    System.out.flush();
    // Ends with the parent, whatever becomes of that: its end closes the pipe.
    while (System.in.read() >= 0) {}
  }

  private static boolean run(String scenario, String file) throws Throwable {
    return switch (scenario) {
      case "stride" -> touch(plain(300 * MIB), 300 * MIB, 5 * MIB);
      case "reservation" -> touch(plain(130 * GIB), 130 * GIB, 3 * GIB);
      case "huge" -> touch(huge(64 * MIB), 64 * MIB, HUGE);
      case "huge-zero" -> read(huge(64 * MIB), 64 * MIB, HUGE);
      case "huge-protected" -> {
        long va = huge(32 * MIB);
        yield touch(va, 32 * MIB, HUGE) && call("mprotect", va, 16 * MIB, NONE) == 0;
      }
      case "half-unmapped" -> halves("munmap", 0);
      case "half-given-back" -> halves("madvise", DONTNEED);
      case "half-protected" -> halves("mprotect", READ);
      case "lazily-freed" -> {
        long va = plain(32 * MIB);
        yield touch(va, 32 * MIB, PAGE) && call("madvise", va, 16 * MIB, FREE) == 0;
      }
      case "file" -> file(file);
      case "shared" ->
          touch(mmap(0, 64 * MIB, READ_WRITE, SHARED | ANONYMOUS, -1), 64 * MIB, 3 * MIB);
      case "prot-none" -> {
        long va = plain(64 * MIB);
        yield touch(va, 64 * MIB, MIB) && call("mprotect", va, 64 * MIB, NONE) == 0;
      }
      case "guard" -> {
        long va = plain(64 * MIB);
        // One guard in an empty span of 2 MiB, so that it alone needs a table.
        yield touch(va, 16 * MIB, MIB) && call("madvise", va + 32 * MIB, PAGE, GUARD_INSTALL) == 0;
      }
      case "far" -> far();
      case "hugetlb" -> {
        long va = mmap(0, 4 * HUGE, READ_WRITE, PRIVATE | ANONYMOUS | HUGETLB, -1);
        yield va != -1 && touch(va, 4 * HUGE, HUGE);
      }
      case "shared-huge" -> sharedHuge();
      case "given-back-by-page" -> givenBack(PAGE);
      case "given-back-by-span" -> givenBack(HUGE);
      default -> throw new IllegalArgumentException(scenario);
    };
  }

  private static long call(String function, long... arguments) throws Throwable {
    long[] a = Arrays.copyOf(arguments, 6);
    MemorySegment symbol = LINKER.defaultLookup().findOrThrow(function);
    long result = (long) CALL.invokeExact(symbol, a[0], a[1], a[2], a[3], a[4], a[5]);
    return function.equals("mmap") ? result : (int) result;
  }

  private static long mmap(long va, long bytes, int protection, int flags, long descriptor)
      throws Throwable {
    return call("mmap", va, bytes, protection, flags, descriptor, 0);
  }

  private static long plain(long bytes) throws Throwable {
    return plainAt(0, bytes, 0);
  }

  private static long plainAt(long va, long bytes, int flags) throws Throwable {
    long mapped = mmap(va, bytes, READ_WRITE, PRIVATE | ANONYMOUS | NORESERVE | flags, -1);
    return mapped != -1 && call("madvise", mapped, bytes, NOHUGEPAGE) == 0 ? mapped : -1;
  }

  /** Aligned memory that asks for huge pages. */
  private static long huge(long bytes) throws Throwable {
    long va = mmap(0, bytes + HUGE, READ_WRITE, PRIVATE | ANONYMOUS | NORESERVE, -1);
    long aligned = (va + HUGE - 1) & -HUGE;
    return va != -1 && call("madvise", aligned, bytes, HUGEPAGE) == 0 ? aligned : -1;
  }

  private static MemorySegment at(long va) {
    return MemorySegment.ofAddress(va).reinterpret(1);
  }

  private static boolean touch(long va, long bytes, long step) {
    for (long offset = 0; va != -1 && offset < bytes; offset += step) {
      at(va + offset).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }
    return va != -1;
  }

  private static boolean read(long va, long bytes, long step) {
    int sum = 0;
    for (long offset = 0; va != -1 && offset < bytes; offset += step) {
      sum += at(va + offset).get(ValueLayout.JAVA_BYTE, 0);
    }
    return va != -1 && sum == 0;
  }

  /** Takes the second half of every huge page away. */
  private static boolean halves(String function, int argument) throws Throwable {
    long va = huge(32 * MIB);
    boolean good = touch(va, 32 * MIB, HUGE);
    for (long offset = MIB; good && offset < 32 * MIB; offset += HUGE) {
      good = call(function, va + offset, MIB, argument) == 0;
    }
    return good;
  }

  private static boolean file(String path) throws Throwable {
    int descriptor;
    try (Arena arena = Arena.ofConfined()) {
      descriptor = (int) call("open", arena.allocateFrom(path).address(), O_RDWR);
    }
    if (descriptor < 0 || call("ftruncate", descriptor, 32 * MIB) != 0) {
      return false;
    }
    long shared = mmap(0, 32 * MIB, READ_WRITE, SHARED, descriptor);
    long copied = mmap(0, 32 * MIB, READ_WRITE, PRIVATE, descriptor);
    long reader = mmap(0, 32 * MIB, READ, PRIVATE, descriptor);
    return touch(shared, 32 * MIB, 3 * MIB)
        && touch(copied, 32 * MIB, 5 * MIB)
        && (reader != -1 && read(reader + MIB, PAGE, PAGE));
  }

  private static boolean far() throws Throwable {
    for (int i = 0; i < 40; i++) {
      long va = plainAt(0x1000_0000_0000L + 200 * GIB * i, 16 * PAGE, FIXED_NOREPLACE);
      if (!touch(va, 16 * PAGE, PAGE)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sharedHuge() throws Throwable {
    int descriptor;
    try (Arena arena = Arena.ofConfined()) {
      descriptor = (int) call("memfd_create", arena.allocateFrom("huge").address());
    }
    if (descriptor < 0 || call("ftruncate", descriptor, 16 * MIB) != 0) {
      return false;
    }
    // The reservation finds an aligned address; mapping over it is what MAP_FIXED is for.
    long reserved = mmap(0, 18 * MIB, NONE, PRIVATE | ANONYMOUS | NORESERVE, -1);
    long aligned = (reserved + HUGE - 1) & -HUGE;
    long va = mmap(aligned, 16 * MIB, READ_WRITE, SHARED | 0x10, descriptor);
    return va == aligned
        && call("madvise", va, 16 * MIB, HUGEPAGE) == 0
        && touch(va, 16 * MIB, HUGE)
        && isMappedHuge(16 * MIB);
  }

  /** Whether the kernel gave all of it as huge pages; it need not. */
  private static boolean isMappedHuge(long bytes) throws IOException {
    String line = "ShmemPmdMapped:" + String.format("%9d kB", bytes / KIB);
    return Files.readAllLines(Path.of("/proc/self/smaps")).contains(line);
  }

  /**
   * Fills 1 GiB at an aligned address and gives it back in steps. The page before it is kept, so
   * that the table above its two levels stays in use and is not counted as empty.
   */
  private static boolean givenBack(long step) throws Throwable {
    long reserved = plain(4 * GIB);
    if (reserved == -1) {
      return false;
    }
    long va = (reserved + PAGE + GIB - 1) & -GIB;
    if (va % (512 * GIB) == 0) {
      va += GIB;
    }
    touch(va - PAGE, PAGE, PAGE);
    // A page per step of 2 MiB makes every table; the memory of the rest is not needed.
    touch(va, GIB, HUGE);
    for (long offset = 0; offset < GIB; offset += step) {
      if (call("madvise", va + offset, step, DONTNEED) != 0) {
        return false;
      }
    }
    return true;
  }
}
