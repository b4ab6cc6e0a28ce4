package dev.memdesc.core;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What /proc/cpuinfo says about the processor. */
final class HostCpu {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private HostCpu() {}

  /** The flags of this machine's first processor; none where the file is missing. */
  static Set<String> flags() {
    return flags(CPUINFO);
  }

  /** The words of the first line {@code flags} (x86) or {@code Features} (arm64) of a file. */
  static Set<String> flags(Path cpuinfo) {
    // ISO 8859-1 reads any byte: the model name is the manufacturer's.
    try (BufferedReader reader = Files.newBufferedReader(cpuinfo, StandardCharsets.ISO_8859_1)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("flags") || line.startsWith("Features")) {
          return Set.copyOf(List.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+")));
        }
      }
      return Set.of();
    } catch (IOException e) {
      // Not Linux, or no /proc here: the backend falls back to its default.
      return Set.of();
    }
  }
}
