package dev.memdesc.cli.survey;

import dev.memdesc.cli.input.BadLines;
import java.io.InputStream;

/**
 * Where a survey reads one process from: /proc or a folder. The calls come in this order: {@link
 * #begin}, texts and {@link #regions} for every mapping of the lower half in the order of maps,
 * {@link #finish}, {@link #close}. All throw {@link dev.memdesc.api.PageTableException} with {@link
 * dev.memdesc.api.Reason#NO_PROCESS}, {@link dev.memdesc.api.Reason#NO_PERMISSION} or {@link
 * dev.memdesc.api.Reason#INPUT}.
 */
interface ProcessSource extends AutoCloseable {
  /** Bytes of a page, as pagemap counts them on the hosts that this version knows. */
  long PAGE_BYTES = 4096;

  /** The texts of a process, named as their files. */
  enum Text {
    /** The mappings. */
    MAPS("maps"),
    /** The mappings with what is in them. */
    SMAPS("smaps"),
    /** The name, state, VmPTE and resident memory. */
    STATUS("status");

    private final String fileName;

    Text(String fileName) {
      this.fileName = fileName;
    }

    /** The name of the file. */
    String fileName() {
      return fileName;
    }
  }

  /** The number of the process. */
  long pid();

  /** The value of {@code os.arch} on the machine where the process runs or ran. */
  String machine();

  /** Notes the state of the process before anything is read; bad lines go to {@code bad}. */
  void begin(BadLines bad);

  /** Opens a text. Each is read once, so that a recording has the bytes that were surveyed. */
  InputStream open(Text text);

  /** Whether huge pages are told apart; otherwise they are inferred from smaps. */
  boolean knowsHugePages();

  /** Shows what is in a mapping. */
  void regions(Vma vma, VmaDetails details, RegionSink sink);

  /**
   * Checks that everything was used, and whether the process stood still since {@link #begin}.
   *
   * @param everyMapping whether every line of maps was read and shown to {@link #regions}
   */
  boolean finish(boolean everyMapping);

  @Override
  void close();
}
