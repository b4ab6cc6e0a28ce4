package dev.memdesc.referee;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Machine code from a resource: lines of an offset and the bytes there, all in hexadecimal; what no
 * line names is 0. {@code tools/stubs} writes them from the sources in {@code src/main/asm}.
 */
public final class Stub {
  private Stub() {}

  /** Reads the resource {@code name} beside a class. */
  public static byte[] read(Class<?> beside, String name) {
    byte[] code = new byte[0];
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar has the guest's stub: name=" + name);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : text.lines().toList()) {
        int blank = line.indexOf(' ');
        byte[] bytes = HexFormat.of().parseHex(line.substring(blank + 1).replace(" ", ""));
        int offset = Integer.parseInt(line.substring(0, blank), 16);
        code = Arrays.copyOf(code, Math.max(code.length, offset + bytes.length));
        System.arraycopy(bytes, 0, code, offset, bytes.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return code;
  }
}
