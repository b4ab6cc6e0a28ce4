package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU program that was found, and its version.
 *
 * @param path where it is
 * @param version such as {@code 7.2.22}
 */
public record Qemu(Path path, String version) {
  /** The only major version that the stubs and the rules of the guests were proven with. */
  public static final int MAJOR = 7;

  /** The major version that walks first-stage tables of VT-d and stage 2 of SMMUv3 too. */
  public static final int NEWER_MAJOR = 10;

  /**
   * The system property, and in capitals with an underscore the environment variable, that names
   * the root folder of a newer QEMU: the packages of Debian's backports, unpacked.
   */
  public static final String NEWER_ROOT = "memdesc.qemu10";

  private static final String NEWER_ROOT_VARIABLE = "MEMDESC_QEMU10";

  private static final Pattern VERSION = Pattern.compile("version ((\\d+)\\.[0-9.]*\\d)");
  private static final long TIMEOUT_SECONDS = 120;
  private static final Map<Path, Qemu> KNOWN = new ConcurrentHashMap<>();

  /**
   * Finds a program in the folders of PATH and asks its version.
   *
   * @throws PageTableException with {@link Reason#TOOL} if it is not there, does not answer, or is
   *     of another major version
   */
  public static Qemu find(String program) {
    Path path = locate(program, System.getenv("PATH"));
    if (path == null) {
      throw PageTableException.because(Reason.TOOL, "the referee's QEMU is installed")
          .with("program", program)
          .hint(
              "Debian has it in qemu-system-x86, qemu-system-arm, qemu-system-misc (s390x, riscv64)"
                  + " and qemu-system-ppc")
          .build();
    }
    return KNOWN.computeIfAbsent(path, one -> ask(one, MAJOR));
  }

  /**
   * Finds a program of the newer QEMU, if {@link #NEWER_ROOT} or {@code MEMDESC_QEMU10} names one.
   *
   * @throws PageTableException with {@link Reason#TOOL} if one is named, and the program is not
   *     there or of another major version
   */
  public static Optional<Qemu> findNewer(String program) {
    String root = System.getProperty(NEWER_ROOT, System.getenv(NEWER_ROOT_VARIABLE));
    if (root == null || root.isEmpty()) {
      return Optional.empty();
    }
    Path path = Path.of(root, "usr", "bin", program);
    if (!Files.isExecutable(path)) {
      throw PageTableException.because(Reason.TOOL, "the folder of a newer QEMU has its programs")
          .with("program", path)
          .hint("leave " + NEWER_ROOT_VARIABLE + " empty to do without")
          .build();
    }
    return Optional.of(KNOWN.computeIfAbsent(path, one -> ask(one, NEWER_MAJOR)));
  }

  /** The first words of a command that starts it: the program, and where its files are. */
  public List<String> command() {
    Path data = path.resolveSibling(Path.of("..", "share", "qemu")).normalize();
    return List.of(path.toString(), "-L", data.toString());
  }

  /** Where a program is, or null. */
  static @Nullable Path locate(String program, @Nullable String folders) {
    for (String folder : folders == null ? new String[0] : folders.split(File.pathSeparator, -1)) {
      Path path = Path.of(folder, program);
      if (Files.isRegularFile(path) && Files.isExecutable(path)) {
        return path;
      }
    }
    return null;
  }

  private static Qemu ask(Path path, int major) {
    try {
      Process process =
          new ProcessBuilder(path.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      byte[] answer = process.getInputStream().readAllBytes();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return parse(path, new String(answer, StandardCharsets.UTF_8), major);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PageTableException.because(Reason.TOOL, "QEMU is asked its version in peace")
          .with("program", path)
          .build(e);
    }
  }

  /** Reads what {@code --version} prints. Throws as {@link #find}. */
  static Qemu parse(Path path, String answer, int major) {
    Matcher matcher = VERSION.matcher(answer);
    String version = matcher.find() ? matcher.group(1) : "";
    if (version.isEmpty() || Integer.parseInt(matcher.group(2)) != major) {
      throw PageTableException.because(
              Reason.TOOL, "the referee's QEMU is of major version " + major)
          .with("program", path)
          .with("version", version.isEmpty() ? "unknown" : version)
          .hint("what the guests may rely on was proven with 7.2, and units with 10.0 too")
          .build();
    }
    return new Qemu(path, version);
  }
}
