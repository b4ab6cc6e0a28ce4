package dev.memdesc.core.memory;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.HardwareMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory addressed by pa: sparse anonymous memory, or a file mapped shared so that another
 * process has the very same memory as its RAM.
 *
 * <p>Frames that nobody touches cost nothing. Closing refuses further operations at this face; the
 * memory itself is unmapped only when nothing refers to it any more, so that an engine that is
 * still running cannot touch what is gone.
 */
public final class PhysicalMemory implements HardwareMemory, AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  // A constant for the JIT; a segment in a field is 3-6 times slower (docs/decisions.md).
  private static final MemorySegment EVERYTHING = everything();
  private static final int ZERO_BYTES = 1 << 16;
  private static final MemorySegment ZEROS = Arena.global().allocate(ZERO_BYTES, 4096);

  private final long firstPa;
  private final long bytes;
  private final int frameLg2;
  private final long address;
  private final @Nullable MemorySegment mapped;
  private volatile boolean closed;

  private PhysicalMemory(
      long firstPa, long bytes, int frameLg2, long address, @Nullable MemorySegment mapped) {
    this.firstPa = firstPa;
    this.bytes = bytes;
    this.frameLg2 = frameLg2;
    this.address = address;
    this.mapped = mapped;
  }

  /**
   * Sparse anonymous memory, all zero.
   *
   * @param firstPa the pa of its first byte, a multiple of the frame
   * @param bytes how much, a multiple of the frame
   * @param frameLg2 log2 of the bytes of a frame
   * @throws PageTableException with {@link Reason#MISALIGNED}, {@link Reason#ZERO_LENGTH}, {@link
   *     Reason#WRAPS} if it does not end at 2^63 or below, or {@link Reason#OUT_OF_MEMORY}
   */
  public static PhysicalMemory anonymous(long firstPa, long bytes, int frameLg2) {
    check(firstPa, bytes, frameLg2);
    long address = NativeMapping.mapAnonymous(bytes);
    PhysicalMemory memory = new PhysicalMemory(firstPa, bytes, frameLg2, address, null);
    CLEANER.register(memory, () -> NativeMapping.unmap(address, bytes));
    return memory;
  }

  /**
   * A file mapped shared; it is created or extended to {@code bytes} as a sparse file.
   *
   * @throws PageTableException as {@link #anonymous}
   * @throws UncheckedIOException if the file cannot be opened or mapped
   */
  public static PhysicalMemory shared(Path file, long firstPa, long bytes, int frameLg2) {
    check(firstPa, bytes, frameLg2);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      // The automatic arena unmaps when the segment, which the memory holds, is unreachable.
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
      return new PhysicalMemory(firstPa, bytes, frameLg2, mapped.address(), mapped);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot map " + file, e);
    }
  }

  private static void check(long firstPa, long bytes, int frameLg2) {
    long mask = (1L << frameLg2) - 1;
    if (((firstPa | bytes) & mask) != 0 || bytes <= 0) {
      throw PageTableException.because(
              bytes <= 0 ? Reason.ZERO_LENGTH : Reason.MISALIGNED,
              "physical memory begins and ends at a frame and has at least one")
          .hex("firstPa", firstPa)
          .hex("bytes", bytes)
          .with("frameBytes", 1L << frameLg2)
          .build();
    }
    if (firstPa < 0 || firstPa + bytes < 0) {
      throw PageTableException.because(Reason.WRAPS, "physical memory must lie below 2^63")
          .hex("firstPa", firstPa)
          .hex("bytes", bytes)
          .build();
    }
  }

  @SuppressWarnings("restricted") // bounds are checked against this memory, not by the segment
  private static MemorySegment everything() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  /** All of the address space of this process. For engines, which check bounds themselves. */
  public static MemorySegment everythingSegment() {
    return EVERYTHING;
  }

  /** The address in this process of the first byte. Valid while this object is reachable. */
  public long address() {
    return address;
  }

  @Override
  public long firstPa() {
    return firstPa;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public int frameLg2() {
    return frameLg2;
  }

  @Override
  public long loadAcquire(long pa) {
    long at = locate(pa, Long.BYTES);
    try {
      return (long) LONG.getAcquire(EVERYTHING, at);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void storeRelease(long pa, long word) {
    long at = locate(pa, Long.BYTES);
    try {
      LONG.setRelease(EVERYTHING, at, word);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void fill(long pa, long length, long word) {
    long at = locate(pa, length);
    try {
      if (word == 0) {
        // Copying zeros is faster than MemorySegment.fill up to 64 KiB.
        for (long done = 0; done < length; done += ZERO_BYTES) {
          long part = Math.min(ZERO_BYTES, length - done);
          MemorySegment.copy(ZEROS, 0, EVERYTHING, at + done, part);
        }
      } else {
        for (long done = 0; done < length; done += Long.BYTES) {
          EVERYTHING.set(ValueLayout.JAVA_LONG, at + done, word);
        }
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private long locate(long pa, long length) {
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "physical memory is open")
          .hex("pa", pa)
          .build();
    }
    long offset = pa - firstPa;
    if (offset < 0 || length < 0 || offset > bytes - length || (pa & (Long.BYTES - 1)) != 0) {
      throw PageTableException.because(
              Reason.FOREIGN, "a pa lies in physical memory and is a multiple of 8")
          .hex("pa", pa)
          .hex("length", length)
          .hex("firstPa", firstPa)
          .hex("lastPa", firstPa + bytes - 1)
          .build();
    }
    return address + offset;
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return closed;
  }

  /** Writes what was stored in a shared file's memory to the file; nothing for anonymous memory. */
  public void force() {
    if (mapped != null) {
      mapped.force();
    }
  }

  /** Refuses further operations. Closing again does nothing. */
  @Override
  public void close() {
    closed = true;
  }
}
