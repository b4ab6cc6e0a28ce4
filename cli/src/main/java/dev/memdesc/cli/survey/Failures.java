package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.input.Printable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;

/** The errors of reading processes and folders, each with one text. */
final class Failures {
  private Failures() {}

  static PageTableException noSuchProcess(long pid) {
    return PageTableException.because(Reason.NO_PROCESS, "a survey is of a process that exists")
        .with("pid", pid)
        .hint("ps lists them")
        .build();
  }

  static PageTableException endedMeanwhile(long pid) {
    return PageTableException.because(Reason.NO_PROCESS, "a process lives until its survey is done")
        .with("pid", pid)
        .hint("it ended meanwhile; nothing is reported")
        .build();
  }

  static PageTableException kernelThread(long pid, String name) {
    return PageTableException.because(Reason.NO_PROCESS, "a survey is of a process with memory")
        .with("pid", pid)
        .with("command", Printable.of(name))
        .hint("this is a kernel thread: it has no page tables of its own")
        .build();
  }

  static PageTableException zombie(long pid, String name) {
    return PageTableException.because(Reason.NO_PROCESS, "a survey is of a process with memory")
        .with("pid", pid)
        .with("command", Printable.of(name))
        .hint("this is a zombie: it has ended and gave its page tables back")
        .build();
  }

  static PageTableException noPermission(long pid, Object file) {
    return PageTableException.because(
            Reason.NO_PERMISSION, "a survey reads processes of the same user, or runs as root")
        .with("pid", pid)
        .with("file", file)
        .hint("permission denied")
        .build();
  }

  static PageTableException unreadable(Object file, Object why, Throwable cause) {
    return PageTableException.because(Reason.INPUT, "a survey reads its files to the end")
        .with("file", file)
        .with("error", why)
        .build(cause);
  }

  static PageTableException unwritable(Object file, IOException cause) {
    return PageTableException.because(
            Reason.INPUT, "a survey is saved to a folder with room for it")
        .with("file", file)
        .with("error", cause.toString())
        .build(cause);
  }

  /** What a failure to open a file of a saved survey or of a live process means. */
  static PageTableException opening(long pid, Path file, IOException cause) {
    return cause instanceof AccessDeniedException
        ? noPermission(pid, file)
        : unreadable(file, cause.getClass().getSimpleName(), cause);
  }
}
