package dev.memdesc.referee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** QEMU ends with whoever started it, and only the version is used that was proven. */
final class QemuProcessTest {
  // On a busy machine a process needs a while to end.
  private static final long PATIENCE_SECONDS = 120;

  private static Ring open() {
    BackendRegistry registry = BackendRegistry.discover(null);
    Selection selection = registry.select("x86/4-level");
    Guest guest = Guests.of(registry, selection.backend());
    return new Ring(registry, selection, Objects.requireNonNull(guest), new SplittableRandom(1));
  }

  @Test
  void closingEndsItAndRemovesItsFiles() {
    QemuNeeded.check();
    List<ProcessHandle> processes;
    Path file;
    try (Ring ring = open()) {
      processes = ring.guest().processes();
      file = ring.ram().file();
      assertThat(processes).hasSizeGreaterThanOrEqualTo(2).allMatch(ProcessHandle::isAlive);
      assertThat(file).exists();
    }
    assertThat(processes).allSatisfy(QemuProcessTest::ends);
    assertThat(file.getParent()).doesNotExist();
  }

  @Test
  void itEndsWithAVirtualMachineThatIsKilled() throws Exception {
    QemuNeeded.check();
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<ProcessHandle> processes = new ArrayList<>();
    Path folder;
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      folder = Path.of(out.readLine());
      for (String pid : out.readLine().split(" ", -1)) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(processes::add);
      }
      assertThat(processes).hasSizeGreaterThanOrEqualTo(2);
      child.destroyForcibly();
    }
    assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(processes).allSatisfy(QemuProcessTest::ends);
    assertThat(folder).doesNotExist();
  }

  private static void ends(ProcessHandle process) {
    assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(PATIENCE_SECONDS));
  }

  /** Starts a guest, says which processes that are, and waits to be killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      try (Ring ring = open();
          Bout bout = ring.newBout()) {
        bout.change(5);
        bout.probe();
        System.out.println(ring.ram().file().getParent());
        List<String> pids = new ArrayList<>();
        ring.guest().processes().forEach(process -> pids.add(Long.toString(process.pid())));
        System.out.println(String.join(" ", pids));
        Thread.sleep(Duration.ofMinutes(10));
      }
    }
  }

  @Test
  void anotherMajorVersionIsRefused() {
    Path path = Path.of("/usr/bin/qemu-system-x86_64");
    String debian = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright";
    assertThat(Qemu.parse(path, debian, Qemu.MAJOR).version()).isEqualTo("7.2.22");
    for (String other : new String[] {"QEMU emulator version 8.0.0", "QEMU version 10.1", "?"}) {
      assertThatThrownBy(() -> Qemu.parse(path, other, Qemu.MAJOR))
          .isInstanceOfSatisfying(
              PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOOL))
          .hasMessageContaining("the referee's QEMU is of major version 7: program=");
    }
  }

  @Test
  void aMissingProgramIsNamed() {
    assertThatThrownBy(() -> Qemu.find("qemu-system-vax"))
        .hasMessage(
            "the referee's QEMU is installed: program=qemu-system-vax; Debian has it in"
                + " qemu-system-x86, qemu-system-arm, qemu-system-misc (s390x, riscv64) and"
                + " qemu-system-ppc");
    assertThat(Qemu.locate("sh", "/nowhere:/bin:/usr/bin")).satisfies(Files::isExecutable);
  }
}
