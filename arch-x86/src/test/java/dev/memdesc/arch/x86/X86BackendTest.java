package dev.memdesc.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

class X86BackendTest {
  private final X86Backend backend = new X86Backend();
  private final TableFormat four = backend.variants().get(0);
  private final TableFormat five = backend.variants().get(1);
  private final TableFormat pti = backend.variants().get(2);

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(ArchBackend.class))
        .anySatisfy(found -> assertThat(found).isInstanceOf(X86Backend.class));
  }

  @Test
  void variantsEqualThemselvesAndBeginWithTheName() {
    assertThat(backend.variants()).isEqualTo(new X86Backend().variants());
    assertThat(backend.variants()).allMatch(format -> format.name().startsWith("x86/"));
  }

  @Test
  void hostHasAsManyLevelsAsTheKernelUses() {
    assertThat(backend.hostArchNames()).contains("amd64");
    assertThat(backend.hostVariant(Set.of("lm", "la57"))).isSameAs(five);
    assertThat(backend.hostVariant(Set.of("lm", "pti"))).isSameAs(pti);
    assertThat(backend.hostVariant(Set.of("la57", "pti"))).hasToString("x86/5-level-pti");
    assertThat(backend.hostVariant(Set.of())).isSameAs(four);
  }

  @Test
  void registersOfFourLevels() {
    assertThat(backend.activation(four, 0x100000, 0))
        .containsExactly(
            new RegisterValue("CR3", 0x100000),
            new RegisterValue("CR4", 0x4000A0),
            new RegisterValue("EFER", 0xD00),
            new RegisterValue("CR0", 0x80010001L),
            // The value that Linux writes.
            new RegisterValue("IA32_PAT", 0x0407050600070106L));
  }

  @Test
  void registersOfFiveLevelsWithPcid() {
    assertThat(backend.activation(five, 0x100000, 0xABC))
        .contains(new RegisterValue("CR3", 0x100ABC), new RegisterValue("CR4", 0x4210A0));
  }

  @Test
  void isolationHasARootForTheUser() {
    assertThat(backend.activation(pti, 0x100000, 0))
        .contains(new RegisterValue("CR3", 0x100000), new RegisterValue("CR3.user", 0x101000));
    assertThat(backend.activation(pti, 0x100000, 5))
        .contains(new RegisterValue("CR3", 0x100005), new RegisterValue("CR3.user", 0x101805));
  }

  @Test
  void aPcidThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> backend.activation(four, 0, 4096))
        .hasMessage(
            "a PCID lies in 0..4095: asid=4096, format=x86/4-level; "
                + "0 means that translations are not tagged");
    assertThatThrownBy(() -> backend.activation(pti, 0, 2048))
        .hasMessageStartingWith("a PCID lies in 0..2047: asid=2048");
    assertThat(List.of(refusal(four, 0, -1), refusal(four, 0, 4096)))
        .containsOnly(Reason.ATTRIBUTE);
    assertThat(backend.activation(four, 0, 4095)).isNotEmpty();
    assertThat(backend.activation(pti, 0, 2047)).isNotEmpty();
  }

  @Test
  void aRootThatTheRegisterCannotHoldIsRefused() {
    assertThat(refusal(four, 0x800, 0)).isEqualTo(Reason.MISALIGNED);
    assertThat(refusal(pti, 0x101000, 0)).isEqualTo(Reason.MISALIGNED);
    assertThat(refusal(four, 1L << 52, 0)).isEqualTo(Reason.PA_TOO_WIDE);
  }

  private Reason refusal(TableFormat format, long rootPa, int asid) {
    try {
      backend.activation(format, rootPa, asid);
    } catch (PageTableException e) {
      return e.reason();
    }
    throw new AssertionError("not refused");
  }
}
