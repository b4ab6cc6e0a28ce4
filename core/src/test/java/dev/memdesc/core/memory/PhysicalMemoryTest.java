package dev.memdesc.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PhysicalMemoryTest {
  private static final long GIB = 1L << 30;

  @TempDir Path folder;

  @Test
  void sparseMemoryCostsOnlyWhatIsTouched() throws IOException {
    long before = ProcessMemory.residentBytes();
    try (PhysicalMemory memory = PhysicalMemory.anonymous(0, 64 * GIB, 12)) {
      for (long pa = 0; pa < 64 * GIB; pa += GIB) {
        memory.storeRelease(pa, ~pa);
      }
      long grown = ProcessMemory.residentBytes() - before;
      // 64 pages of 4 KiB, page tables, and what the JVM itself did meanwhile.
      assertThat(grown).as("resident bytes of 64 GiB").isLessThan(64L << 20);
      for (long pa = 0; pa < 64 * GIB; pa += GIB) {
        assertThat(memory.loadAcquire(pa)).isEqualTo(~pa);
      }
    }
  }

  @Test
  void offsetsBeyond2GiBAreDistinct() {
    try (PhysicalMemory memory = PhysicalMemory.anonymous(GIB, 9 * GIB, 12)) {
      long[] offsets = {0, 8, 2 * GIB - 8, 2 * GIB, 4 * GIB - 8, 4 * GIB, 4 * GIB + 8, 9 * GIB - 8};
      for (long offset : offsets) {
        memory.storeRelease(GIB + offset, offset ^ 0x5555);
      }
      for (long offset : offsets) {
        assertThat(memory.loadAcquire(GIB + offset)).isEqualTo(offset ^ 0x5555);
      }
    }
  }

  @Test
  void aSharedFileHasWhatMemoryHasAndMemoryHasWhatTheFileHas() throws IOException {
    Path file = folder.resolve("ram");
    long far = 3 * GIB + 0x1238;
    try (PhysicalMemory memory = PhysicalMemory.shared(file, GIB, 4 * GIB, 12);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assertThat(channel.size()).isEqualTo(4 * GIB);
      memory.storeRelease(GIB + far, 0x0123_4567_89ab_cdefL);
      memory.force();
      ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
      assertThat(channel.read(word, far)).isEqualTo(8);
      assertThat(word.getLong(0)).isEqualTo(0x0123_4567_89ab_cdefL);
      word.clear();
      word.putLong(0, -42);
      assertThat(channel.write(word, 0x2000)).isEqualTo(8);
      assertThat(memory.loadAcquire(GIB + 0x2000)).isEqualTo(-42);
    }
    try (PhysicalMemory again = PhysicalMemory.shared(file, 0, 4 * GIB, 12)) {
      assertThat(again.loadAcquire(far)).as("after reopening").isEqualTo(0x0123_4567_89ab_cdefL);
    }
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() {
    Path file = folder.resolve("missing").resolve("ram");
    UncheckedIOException e =
        catchThrowableOfType(
            UncheckedIOException.class, () -> PhysicalMemory.shared(file, 0, 4096, 12));
    assertThat(e).isNotNull().hasMessageContaining("cannot map " + file);
    assertThat(Files.exists(file)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, ZERO_LENGTH",
    "0, -4096, ZERO_LENGTH",
    "0, 4095, MISALIGNED",
    "0, 4104, MISALIGNED",
    "8, 4096, MISALIGNED",
  })
  void memoryIsMadeOfWholeFrames(long firstPa, long bytes, Reason reason) {
    Path file = folder.resolve("ram");
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class, () -> PhysicalMemory.anonymous(firstPa, bytes, 12));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(reason);
    assertThat(e)
        .hasMessage(
            "physical memory begins and ends at a frame and has at least one: firstPa=0x%016x,"
                + " bytes=0x%016x, frameBytes=4096",
            firstPa, bytes);
    PageTableException shared =
        catchThrowableOfType(
            PageTableException.class, () -> PhysicalMemory.shared(file, firstPa, bytes, 12));
    assertThat(shared).isNotNull().hasMessage(e.getMessage());
    assertThat(Files.exists(file)).as("a refused file is not made").isFalse();
  }

  @Test
  void moreMemoryThanTheAddressSpaceHasIsOutOfMemory() {
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class, () -> PhysicalMemory.anonymous(0, 1L << 56, 12));
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    assertThat(e)
        .hasMessage(
            "the system maps as much memory as physical memory has: bytes=72057594037927936,"
                + " errno=12; ask for less, or raise the limit on virtual memory (ulimit -v)");
  }

  @Test
  void closedMemoryRefusesEverythingAndMayBeClosedAgain() {
    PhysicalMemory memory = PhysicalMemory.anonymous(0, 4096, 12);
    assertThat(memory.isClosed()).isFalse();
    memory.close();
    memory.close();
    assertThat(memory.isClosed()).isTrue();
    closed(() -> memory.loadAcquire(8));
    closed(() -> memory.storeRelease(8, 1));
    closed(() -> memory.fill(8, 8, 1));
  }

  private static void closed(Runnable access) {
    PageTableException e = catchThrowableOfType(PageTableException.class, access::run);
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    assertThat(e).hasMessage("physical memory is open: pa=0x0000000000000008");
  }

  @Test
  void unreachableAnonymousMemoryIsUnmapped() throws IOException {
    ProcessMemory.awaitUnmapped(mapAndForget());
  }

  private static long mapAndForget() throws IOException {
    try (PhysicalMemory memory = PhysicalMemory.anonymous(0, 16 * GIB, 12)) {
      long middle = memory.address() + 8 * GIB;
      assertThat(ProcessMemory.isMapped(middle)).isTrue();
      return middle;
    }
  }

  @Test
  void anUnreachableSharedFileIsUnmapped() throws IOException {
    ProcessMemory.awaitUnmapped(mapFileAndForget(folder.resolve("ram")));
  }

  private static long mapFileAndForget(Path file) throws IOException {
    try (PhysicalMemory memory = PhysicalMemory.shared(file, 0, 16 * GIB, 12)) {
      long middle = memory.address() + 8 * GIB;
      assertThat(ProcessMemory.isMapped(middle)).isTrue();
      return middle;
    }
  }

  @Test
  void memoryThatIsClosedButReachableStaysMapped() throws IOException {
    PhysicalMemory memory = PhysicalMemory.anonymous(0, 16 * GIB, 12);
    PhysicalMemory file = PhysicalMemory.shared(folder.resolve("ram"), 0, 16 * GIB, 12);
    try {
      memory.close();
      file.close();
      // When what was forgotten later is gone, the collector has had its chance.
      ProcessMemory.awaitUnmapped(mapAndForget());
      assertThat(ProcessMemory.isMapped(memory.address() + 8 * GIB)).isTrue();
      assertThat(ProcessMemory.isMapped(file.address() + 8 * GIB)).isTrue();
    } finally {
      Reference.reachabilityFence(memory);
      Reference.reachabilityFence(file);
    }
  }
}
