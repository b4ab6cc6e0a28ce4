package dev.memdesc.bench.alloc;

import java.nio.file.Path;
import java.util.List;

/** A question about speed, and who answers it. */
public interface SpeedQuestion {
  /** Its name for {@code --question}. */
  String title();

  /** What is done. */
  String row();

  /** How many operations a cycle has. */
  int operations();

  /**
   * Who is compared, ours first.
   *
   * @param folder has the compiled rivals
   */
  List<Side> sides(Path folder);
}
