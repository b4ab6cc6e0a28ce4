package dev.memdesc.referee;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders of a guest, which are gone after close: one for its RAM, one for what else QEMU
 * needs, programs among it.
 */
final class Scratch implements AutoCloseable {
  private static final String PREFIX = "memdesc-referee";

  /** Memory, if there is room; a file on a disk would be written back all the time. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static final long WANTED_BYTES = 256L << 20;

  private final Path folder;
  private final Path ramFolder;

  private Scratch(Path folder, Path ramFolder) {
    this.folder = folder;
    this.ramFolder = ramFolder;
  }

  static Scratch open() {
    try {
      Path folder = Files.createTempDirectory(PREFIX);
      return new Scratch(folder, hasRoom() ? Files.createTempDirectory(MEMORY, PREFIX) : folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasRoom() throws IOException {
    return Files.isDirectory(MEMORY)
        && Files.isWritable(MEMORY)
        && Files.getFileStore(MEMORY).getUsableSpace() >= WANTED_BYTES;
  }

  /** Where files go. */
  Path folder() {
    return folder;
  }

  /** The file for RAM. */
  Path ram() {
    return ramFolder.resolve("ram");
  }

  /** Both folders. */
  List<Path> folders() {
    return List.of(folder, ramFolder);
  }

  @Override
  public void close() {
    for (Path one : List.of(ramFolder, folder)) {
      try (Stream<Path> files = Files.list(one)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
        Files.deleteIfExists(one);
      } catch (NoSuchFileException e) {
        // The guest's shell was faster, or both are the same.
        assert !Files.exists(one);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
