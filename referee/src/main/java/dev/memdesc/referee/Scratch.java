package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders of a guest, which are gone after close: one for its RAM, one for what else QEMU
 * needs, programs among it.
 */
public final class Scratch implements AutoCloseable {
  private static final String PREFIX = "memdesc-referee";

  /** Memory, if there is room; a file on a disk would be written back all the time. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private static final long WANTED_BYTES = 256L << 20;

  /** Room in {@code sockaddr_un}, without the 0 at the end. */
  private static final int SOCKET_BYTES = 107;

  private final Path folder;
  private final Path ramFolder;

  private Scratch(Path folder, Path ramFolder) {
    this.folder = folder;
    this.ramFolder = ramFolder;
  }

  /** Makes new, empty folders. */
  public static Scratch open() {
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
  public Path folder() {
    return folder;
  }

  /** The file for RAM. */
  public Path ram() {
    return ramFolder.resolve("ram");
  }

  /**
   * A place for a Unix socket, whose path has at most 107 bytes.
   *
   * @throws PageTableException with {@link Reason#TOOL} if all folders have longer names
   */
  public Path socket() {
    for (Path one : folders()) {
      Path socket = one.resolve("qtest");
      if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_BYTES) {
        return socket;
      }
    }
    throw PageTableException.because(
            Reason.TOOL, "a socket's path has at most " + SOCKET_BYTES + " bytes")
        .with("folder", folder)
        .hint("start Java with -Djava.io.tmpdir=/tmp")
        .build();
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
