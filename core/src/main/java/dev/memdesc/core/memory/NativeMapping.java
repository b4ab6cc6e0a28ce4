package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls {@code mmap} and {@code munmap} for sparse anonymous memory on Linux. */
final class NativeMapping {
  // From the Linux user-space ABI (mmap(2)); the same on every architecture that Java runs on.
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  private static final StructLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle MMAP =
      link(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle MUNMAP =
      link(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private NativeMapping() {}

  @SuppressWarnings("restricted") // mmap is what this class is for
  private static MethodHandle link(
      String name, FunctionDescriptor signature, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature, options);
  }

  /**
   * Maps zeroed memory that costs nothing until it is touched.
   *
   * @return the address of its first byte
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY} if the system refuses
   */
  static long mapAnonymous(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(ERRNO_LAYOUT);
      long address =
          (long)
              MMAP.invokeExact(
                  state,
                  0L,
                  bytes,
                  PROT_READ_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                  -1,
                  0L);
      if (address == -1L) {
        throw PageTableException.because(
                Reason.OUT_OF_MEMORY, "the system maps as much memory as physical memory has")
            .with("bytes", bytes)
            .with("errno", (int) ERRNO.get(state, 0L))
            .hint("ask for less, or raise the limit on virtual memory (ulimit -v)")
            .build();
      }
      return address;
    } catch (PageTableException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("mmap cannot be called", e);
    }
  }

  /** Unmaps what {@link #mapAnonymous} mapped. */
  static void unmap(long address, long bytes) {
    try {
      int result = (int) MUNMAP.invokeExact(address, bytes);
      if (result != 0) {
        throw new AssertionError("munmap refused what mmap returned");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("munmap cannot be called", e);
    }
  }
}
