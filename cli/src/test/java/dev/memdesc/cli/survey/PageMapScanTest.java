package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ioctl on this very process. */
class PageMapScanTest {
  private static final long BYTES = 64L << 20;

  @TempDir private Path folder;

  @Test
  void touchedPagesAreFoundWhereTheyAre() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.newErrno(arena);
      int descriptor = Native.open(errno, "/proc/self/pagemap");
      assumeTrue(descriptor >= 0, "no /proc/self/pagemap on this host");
      try (PageMapScan scan = new PageMapScan(descriptor)) {
        assumeTrue(scan.isSupported(), "this kernel has no PAGEMAP_SCAN");
        MemorySegment memory = arena.allocate(BYTES, 4096);
        long[] offsets = {0, 4096, 3L << 20, BYTES - 4096};
        for (long offset : offsets) {
          memory.set(ValueLayout.JAVA_BYTE, offset, (byte) 1);
        }
        List<Long> found = new ArrayList<>();
        scan.scan(
            memory.address(),
            memory.address() + BYTES,
            (start, end, categories) -> {
              assertThat(categories & Category.PRESENT).isNotZero();
              found.add(start);
            });
        assertThat(found).contains(memory.address());
        assertThat(found).allMatch(start -> start < memory.address() + BYTES);
      } finally {
        Native.close(errno, descriptor);
      }
    }
  }

  @Test
  void aFileThatIsNoPagemapHasNoScan() throws Exception {
    Path file = Files.createFile(folder.resolve("pagemap"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.newErrno(arena);
      int descriptor = Native.open(errno, file.toString());
      try (PageMapScan scan = new PageMapScan(descriptor)) {
        assertThat(scan.isSupported()).isFalse();
      } finally {
        Native.close(errno, descriptor);
      }
    }
  }

  @Test
  void aMissingFileHasNoDescriptor() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = Native.newErrno(arena);
      assertThat(Native.open(errno, folder.resolve("none").toString())).isEqualTo(-1);
      assertThat(Native.errno(errno)).isEqualTo(Native.ENOENT);
    }
  }
}
