package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import dev.memdesc.cli.input.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What shows that a process ran between two moments: a thread in state R at either, context
 * switches of any thread, another VmPTE, another text of maps. If nothing of this is seen, its
 * tables did not change.
 *
 * @param running whether a thread is in state R
 * @param switches context switches by thread
 * @param tablesKiB VmPTE
 * @param mapsChecksum of the text of maps
 */
record Activity(
    boolean running, TreeMap<String, Long> switches, long tablesKiB, long mapsChecksum) {

  /** Looks at the process in {@code folder}, which is /proc/PID. */
  static Activity of(Path folder) throws IOException {
    boolean running = false;
    TreeMap<String, Long> switches = new TreeMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(folder.resolve("task"))) {
      for (Path thread : threads) {
        StatusText status;
        try {
          status = status(thread);
        } catch (NoSuchFileException e) {
          running = true; // A thread that ended just now ran just now.
          continue;
        }
        running |= status.state() == 'R';
        switches.put(thread.getFileName().toString(), status.switches());
      }
    }
    return new Activity(
        running, switches, status(folder).tablesKiB(), checksum(folder.resolve("maps")));
  }

  /** Whether the process stood still from here to {@code later}. */
  boolean isQuietUntil(Activity later) {
    return !running && equals(later);
  }

  static StatusText status(Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(folder.resolve("status"))) {
      return StatusText.read(new LineReader(in), new BadLines());
    }
  }

  private static long checksum(Path file) throws IOException {
    CRC32C checksum = new CRC32C();
    byte[] buffer = new byte[1 << 14];
    long length = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        checksum.update(buffer, 0, read);
        length += read;
      }
    }
    return (length << 32) ^ checksum.getValue();
  }
}
