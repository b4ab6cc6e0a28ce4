package dev.memdesc.arch.powerpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.tck.TestMachine;
import java.util.ServiceLoader;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PowerPcBackendTest {
  private static final long PATB = 0x200000;
  private static final long PRTB = 0x210000;

  private final PowerPcBackend backend = new PowerPcBackend();
  private final TableFormat radix = backend.variants().getFirst();

  @RegisterExtension
  private final TestMachine machine = TestMachine.of(new PowerPcBackend(), "powerpc/radix-64k");

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(ArchBackend.class))
        .hasAtLeastOneElementOfType(PowerPcBackend.class);
    assertThat(backend.variants()).isEqualTo(new PowerPcBackend().variants());
    assertThat(backend.hostArchNames()).containsExactlyInAnyOrder("ppc64", "ppc64le");
  }

  @Test
  void activationHasThePidAndTheProcessTablesEntry() {
    assertThat(backend.activation(radix, 0x300000, 1))
        .containsExactly(
            new RegisterValue("PIDR", 1),
            new RegisterValue("LPIDR", 0),
            new RegisterValue("LPCR", 0x500400),
            new RegisterValue("PRTE.0", 0x40000000003000ADL),
            new RegisterValue("PRTE.1", 0));
    assertThat(backend.activation(backend.variants().getLast(), 0x300000, 1)).isEmpty();
  }

  @Test
  void tablesInMemoryHaveTheBytesOfTheExamples() {
    RadixTables.writePartition(
        machine.memdesc().memory(), PATB, 0, 0x220000, RadixTables.tableBase(PRTB, 12));
    RadixTables.writeProcess(machine.memdesc().memory(), PRTB, 1, 0x300000);
    assertThat(machine.bytes(PATB)).isEqualTo("c0000000002200ad");
    assertThat(machine.bytes(PATB + 8)).isEqualTo("0000000000210000");
    assertThat(machine.bytes(PRTB)).isEqualTo("0000000000000000");
    assertThat(machine.bytes(PRTB + 0x10)).isEqualTo("40000000003000ad");
    assertThat(machine.bytes(PRTB + 0x18)).isEqualTo("0000000000000000");
    assertThat(RadixTables.tableBase(PATB, 12)).as("PTCR").isEqualTo(0x200000);
    assertThat(RadixTables.tableBase(PATB, 16)).isEqualTo(0x200004);
  }

  @Test
  void whatTheyCannotHoldIsRefused() {
    assertReason(Reason.ATTRIBUTE, () -> backend.activation(radix, 0x300000, -1));
    assertReason(Reason.ATTRIBUTE, () -> backend.activation(radix, 0x300000, 1 << 20));
    assertReason(Reason.MISALIGNED, () -> backend.activation(radix, 0x301000, 1));
    assertReason(Reason.PA_TOO_WIDE, () -> backend.activation(radix, 1L << 57, 1));
    assertReason(Reason.MISALIGNED, () -> RadixTables.tableBase(0x201000, 16));
    assertReason(Reason.MISALIGNED, () -> RadixTables.tableBase(0x200000, 11));
    assertReason(Reason.MISALIGNED, () -> RadixTables.tableBase(1L << 60, 12));
  }

  private static void assertReason(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(PageTableException.class)
        .extracting("reason")
        .isEqualTo(reason);
  }
}
