package dev.memdesc.cli.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.Printable;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Has {@code trace-cmd report} print a file that {@code trace-cmd record} wrote. The file's name is
 * an argument of the program, which no shell sees, and begins with a slash, so that it is no
 * option.
 */
final class TraceCmd {
  private static final String NAME = "trace-cmd";
  private static final int MOST_ERROR_BYTES = 400;

  private final List<Path> folders;

  private TraceCmd(List<Path> folders) {
    this.folders = folders;
  }

  /** The program of the system, in the folders of PATH. */
  static TraceCmd installed() {
    String path = System.getenv("PATH");
    return in(path == null ? "" : path);
  }

  /** The program in one of the folders, which are separated as in PATH. */
  static TraceCmd in(String folders) {
    return new TraceCmd(
        List.of(folders.split(File.pathSeparator, -1)).stream()
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .filter(Path::isAbsolute)
            .toList());
  }

  /**
   * Begins to print a file.
   *
   * @return the text. Its end throws an IOException if the program fails; closed, it ends the
   *     program
   * @throws PageTableException with {@link Reason#INPUT} if there is no such program
   * @throws IOException if it cannot be started
   */
  InputStream report(Path file) throws IOException {
    Path program =
        folders.stream()
            .map(folder -> folder.resolve(NAME))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> missing(file));
    // Plugins of a home folder are not loaded: the kernel's own events need none.
    List<String> command =
        List.of(program.toString(), "report", "-N", "-i", file.toAbsolutePath().toString());
    Path errors = Files.createTempFile("memdesc-trace-cmd", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectError(errors.toFile())
              .start();
      return new Report(process, errors);
    } catch (IOException e) {
      Files.deleteIfExists(errors);
      throw e;
    }
  }

  private static PageTableException missing(Path file) {
    return PageTableException.because(Reason.INPUT, "cannot print trace-cmd's file: no trace-cmd")
        .with("file", file)
        .hint("install the package trace-cmd (apt-get install trace-cmd), or replay a text of it")
        .build();
  }

  /** What the program prints. */
  private static final class Report extends FilterInputStream {
    private final Process process;
    private final Path errors;
    private boolean ended;

    Report(Process process, Path errors) {
      super(process.getInputStream());
      this.process = process;
      this.errors = errors;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      if (value < 0) {
        check();
      }
      return value;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = super.read(bytes, from, length);
      if (count < 0) {
        check();
      }
      return count;
    }

    private void check() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      try {
        int exit = process.waitFor();
        if (exit != 0) {
          throw PageTableException.because(Reason.INPUT, "trace-cmd report failed")
              .with("exit", exit)
              .with("error", firstError())
              .hint("run trace-cmd report -i FILE to see all of it")
              .build();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    private String firstError() throws IOException {
      try (InputStream in = Files.newInputStream(errors)) {
        String text = new String(in.readNBytes(MOST_ERROR_BYTES), StandardCharsets.UTF_8);
        return Printable.of(text.strip().lines().findFirst().orElse(""));
      }
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      super.close();
      Files.deleteIfExists(errors);
    }
  }
}
