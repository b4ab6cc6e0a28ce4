package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory lies where the format's items can lead. */
final class MemoryPlaceTest {
  private static final long MIB = 1L << 20;

  private static Memdesc.Builder builder(String format, long firstPa, long bytes) {
    return Memdesc.builder()
        .registry(BackendRegistry.of(List.of(new X86Backend())))
        .arch(format)
        .firstPa(firstPa)
        .memoryBytes(bytes);
  }

  private static void refused(Memdesc.Builder builder, Reason reason, String part) {
    PageTableException e =
        catchThrowableOfType(
            PageTableException.class,
            () -> {
              try (Memdesc machine = builder.build()) {
                assertThat(machine).as("was made").isNull();
              }
            });
    assertThat(e).isNotNull();
    assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
    assertThat(e).hasMessageContaining(part);
  }

  @Test
  void aPaHasNoMoreBitsThanTheFormat() {
    refused(builder("x86/4-level", 1L << 52, MIB), Reason.PA_TOO_WIDE, "paBits=52");
    refused(
        builder("x86/4-level", (1L << 52) - MIB, 2 * MIB),
        Reason.PA_TOO_WIDE,
        "lastPa=0x00100000000fffff");
    try (Memdesc machine = builder("x86/4-level", (1L << 52) - MIB, MIB).build()) {
      assertThat(machine.newAddressSpace("space").rootPa())
          .isGreaterThanOrEqualTo((1L << 52) - MIB);
    }
  }

  @Test
  void memoryDoesNotWrap() {
    refused(builder("x86/4-level", -MIB, 2 * MIB), Reason.WRAPS, "firstPa=0xfffffffffff00000");
    refused(builder("x86/4-level", Long.MAX_VALUE - MIB + 1, 2 * MIB), Reason.WRAPS, "bytes=");
    refused(builder("x86/4-level", 1L << 63, MIB), Reason.WRAPS, "firstPa=");
  }

  @Test
  void memoryBeginsAtAFrame() {
    refused(builder("x86/4-level", 512, MIB), Reason.MISALIGNED, "firstPa=");
    refused(builder("x86/4-level", 0, MIB + 512), Reason.MISALIGNED, "bytes=");
    refused(builder("x86/4-level", 0, 0), Reason.ZERO_LENGTH, "bytes=");
  }

  @Test
  void rootsThatLieLowHaveMemoryThere() {
    refused(builder("x86/pae", 4L << 30, MIB), Reason.PA_TOO_WIDE, "paLimit=0x0000000100000000");
    try (Memdesc machine = builder("x86/pae", (4L << 30) - MIB, 2 * MIB).build()) {
      assertThat(machine.newAddressSpace("space").rootPa()).isLessThan(4L << 30);
    }
  }

  @Test
  void everyNodeHasAFrame() {
    refused(builder("x86/4-level", 0, 8192).nodes(3), Reason.INCONSISTENT, "frames=2");
  }
}
