package dev.memdesc.referee;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The RAM of a guest: a sparse file that QEMU and memdesc's machine map too. What the referee reads
 * and writes goes through a mapping of its own, in the guest's byte order. The pa of a byte is its
 * place in the file.
 */
public final class GuestRam implements AutoCloseable {
  /** How much every guest has: enough for bits up to 37 of a pa. Little of it is ever touched. */
  public static final long BYTES = 1L << 38;

  private final Path file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ValueLayout.OfLong words;
  private final ByteOrder order;
  private final VarHandle shared;

  /**
   * Maps a file, which is made or extended.
   *
   * @throws UncheckedIOException if it cannot be
   */
  public GuestRam(Path file, ByteOrder order) {
    this.file = file;
    this.order = order;
    this.words = ValueLayout.JAVA_LONG.withOrder(order);
    this.shared = words.varHandle();
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("cannot map " + file, e);
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** Whether 8 bytes at a pa are RAM. */
  public boolean has(long pa) {
    return pa >= 0 && pa <= BYTES - Long.BYTES;
  }

  /** The word at a pa, a multiple of 8. */
  public long load(long pa) {
    return memory.get(words, pa);
  }

  /** Stores a word at a pa, a multiple of 8. */
  public void store(long pa, long word) {
    memory.set(words, pa, word);
  }

  /** Stores four bytes anywhere. */
  public void storeInt(long pa, int value) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), pa, value);
  }

  /** Stores two bytes anywhere. */
  public void storeShort(long pa, int value) {
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), pa, (short) value);
  }

  /** Stores eight bytes anywhere. */
  public void storeUnaligned(long pa, long value) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), pa, value);
  }

  /** Stores bytes. */
  public void store(long pa, byte[] bytes) {
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, pa, bytes.length);
  }

  /** Copies bytes within RAM. */
  public void copy(long fromPa, long toPa, long bytes) {
    MemorySegment.copy(memory, fromPa, memory, toPa, bytes);
  }

  /** The word; what the guest stored before it is seen after this. */
  long loadAcquire(long pa) {
    return (long) shared.getAcquire(memory, pa);
  }

  /** Stores a word after all that was stored before. */
  void storeRelease(long pa, long word) {
    shared.setRelease(memory, pa, word);
  }

  @Override
  public void close() {
    arena.close();
  }
}
