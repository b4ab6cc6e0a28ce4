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
 * place in the file, counted from the pa of the first byte.
 */
public final class GuestRam implements AutoCloseable {
  /** How much every guest has: enough for bits up to 37 of a pa. Little of it is ever touched. */
  public static final long BYTES = 1L << 38;

  private final Path file;
  private final long firstPa;
  private final long bytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final ValueLayout.OfLong words;
  private final ByteOrder order;
  private final VarHandle shared;

  /**
   * Maps a file, which is made or extended, as {@link #BYTES} from pa 0.
   *
   * @throws UncheckedIOException if it cannot be
   */
  public GuestRam(Path file, ByteOrder order) {
    this(file, order, 0, BYTES);
  }

  /**
   * Maps a file, which is made or extended.
   *
   * @param firstPa of its first byte
   * @throws UncheckedIOException if it cannot be
   */
  public GuestRam(Path file, ByteOrder order, long firstPa, long bytes) {
    this.file = file;
    this.firstPa = firstPa;
    this.bytes = bytes;
    this.order = order;
    this.words = ValueLayout.JAVA_LONG.withOrder(order);
    this.shared = words.varHandle();
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("cannot map " + file, e);
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** The pa of its first byte. */
  public long firstPa() {
    return firstPa;
  }

  /** How many bytes there are. */
  public long bytes() {
    return bytes;
  }

  /** Whether 8 bytes at a pa are RAM. */
  public boolean has(long pa) {
    return pa >= firstPa && pa - firstPa <= bytes - Long.BYTES;
  }

  /** The word at a pa, a multiple of 8. */
  public long load(long pa) {
    return memory.get(words, pa - firstPa);
  }

  /** Stores a word at a pa, a multiple of 8. */
  public void store(long pa, long word) {
    memory.set(words, pa - firstPa, word);
  }

  /** Stores four bytes anywhere. */
  public void storeInt(long pa, int value) {
    memory.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), pa - firstPa, value);
  }

  /** Stores two bytes anywhere. */
  public void storeShort(long pa, int value) {
    memory.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), pa - firstPa, (short) value);
  }

  /** Stores eight bytes anywhere. */
  public void storeUnaligned(long pa, long value) {
    memory.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), pa - firstPa, value);
  }

  /** Stores bytes. */
  public void store(long pa, byte[] stored) {
    MemorySegment.copy(stored, 0, memory, ValueLayout.JAVA_BYTE, pa - firstPa, stored.length);
  }

  /** The bytes at a pa. */
  public byte[] load(long pa, int length) {
    byte[] loaded = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, pa - firstPa, loaded, 0, length);
    return loaded;
  }

  /** The four bytes at a pa, a multiple of 4. */
  public int loadInt(long pa) {
    return memory.get(ValueLayout.JAVA_INT.withOrder(order), pa - firstPa);
  }

  /** Copies bytes within RAM. */
  public void copy(long fromPa, long toPa, long length) {
    MemorySegment.copy(memory, fromPa - firstPa, memory, toPa - firstPa, length);
  }

  /** The word; what the guest stored before it is seen after this. */
  long loadAcquire(long pa) {
    return (long) shared.getAcquire(memory, pa - firstPa);
  }

  /** Stores a word after all that was stored before. */
  void storeRelease(long pa, long word) {
    shared.setRelease(memory, pa - firstPa, word);
  }

  @Override
  public void close() {
    arena.close();
  }
}
