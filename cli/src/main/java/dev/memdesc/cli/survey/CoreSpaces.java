package dev.memdesc.cli.survey;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.cli.Backends;
import dev.memdesc.core.Memdesc;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Address spaces of memdesc's core, all in one machine. */
final class CoreSpaces implements SpaceFactory {
  // Memory is sparse: what no table uses costs nothing. Tables that need more than half of what the
  // host has are refused, rather than left to the kernel's killer.
  private static final long LEAST_BYTES = 1L << 30;
  private static final long MOST_BYTES = 64L << 30;

  private final Memdesc machine;

  /**
   * Makes the machine.
   *
   * @param arch the format's name; null for the host's
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#UNKNOWN_NAME}
   */
  CoreSpaces(@Nullable String arch) {
    machine =
        Memdesc.builder()
            .registry(Backends.discover())
            .arch(arch)
            .memoryBytes(memoryBytes(Path.of("/proc/meminfo")))
            .build();
  }

  /** Half of the line {@code MemTotal: number kB}, in whole GiB within bounds. */
  static long memoryBytes(Path meminfo) {
    try (InputStream in = Files.newInputStream(meminfo)) {
      LineReader lines = new LineReader(in);
      for (String line = lines.read(); line != null; line = lines.read()) {
        if (line.startsWith("MemTotal:")) {
          TextCursor text = new TextCursor(line.substring(line.indexOf(':') + 1));
          text.skipBlanks();
          long half = ((text.decimal() << 10) >>> 1) & -LEAST_BYTES;
          return Math.clamp(half, LEAST_BYTES, MOST_BYTES);
        }
      }
    } catch (IOException e) {
      // No /proc here: saved surveys can be read all the same.
    }
    return MOST_BYTES;
  }

  @Override
  public TableFormat format() {
    return machine.selection().format();
  }

  @Override
  public boolean isFormatOf(String machineName) {
    // A folder that someone copied from /proc does not say: then it is taken for this machine's.
    String name = machineName.isEmpty() ? System.getProperty("os.arch") : machineName;
    return machine.selection().backend().hostArchNames().contains(name);
  }

  @Override
  public Reader newReader() {
    return machine.newReader();
  }

  @Override
  public AddressSpace newSpace(String name) {
    return machine.newAddressSpace(name);
  }

  @Override
  public void close() {
    machine.close();
  }
}
