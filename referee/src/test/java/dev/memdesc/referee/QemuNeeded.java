package dev.memdesc.referee;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.memdesc.api.PageTableException;
import java.util.List;

/** Skips a test where QEMU is missing; in continuous integration that is a failure. */
public final class QemuNeeded {
  private static final List<String> PROGRAMS =
      List.of(
          "qemu-system-x86_64", "qemu-system-s390x", "qemu-system-aarch64", "qemu-system-ppc64");

  private QemuNeeded() {}

  /** Ends the test if there is no newer QEMU; a failure in continuous integration. */
  public static void checkNewer() {
    if (Qemu.findNewer("qemu-system-x86_64").isEmpty()) {
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("MEMDESC_QEMU10 names a QEMU of major version 10");
      }
      abort("no newer referee: MEMDESC_QEMU10 is not set");
    }
  }

  /** Ends the test if it cannot run. */
  public static void check() {
    try {
      PROGRAMS.forEach(Qemu::find);
    } catch (PageTableException e) {
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      abort("no referee: " + e.getMessage());
    }
  }
}
