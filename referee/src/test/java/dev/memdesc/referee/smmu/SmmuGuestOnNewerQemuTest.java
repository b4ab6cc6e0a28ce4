package dev.memdesc.referee.smmu;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.memdesc.referee.Qemu;

/** The same on the newer QEMU, where there is one. */
final class SmmuGuestOnNewerQemuTest extends SmmuGuestTest {
  @Override
  Qemu qemu() {
    return newer();
  }

  static Qemu newer() {
    return Qemu.findNewer("qemu-system-aarch64")
        .orElseGet(() -> abort("no referee for stage 2: " + Qemu.NEWER_ROOT + " is not set"));
  }
}
