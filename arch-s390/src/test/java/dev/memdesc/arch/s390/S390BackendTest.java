package dev.memdesc.arch.s390;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class S390BackendTest {
  private final S390Backend backend = new S390Backend();

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(ArchBackend.class)).hasAtLeastOneElementOfType(S390Backend.class);
    assertThat(backend.variants()).isEqualTo(new S390Backend().variants());
    assertThat(backend.hostArchNames()).containsExactly("s390x");
    assertThat(backend.hostVariant(Set.of("dfp"))).hasToString("s390/3-level-linux");
  }

  @ParameterizedTest
  @CsvSource({
    "s390/3-level, 100007",
    "s390/4-level, 10000B",
    "s390/5-level-pgste, 10000F",
    "s390/3-level-linux, 1001C7"
  })
  void theAsceHasTypeAndLength(String name, String asce) {
    assertThat(backend.activation(format(name), 0x100000, 0))
        .containsExactly(
            new RegisterValue("CR1", Long.parseLong(asce, 16)),
            new RegisterValue("CR0", 0x900000),
            new RegisterValue("PSW.mask", 0x0400000180000000L));
  }

  @Test
  void whatAnAsceCannotHoldIsRefused() {
    TableFormat format = format("s390/3-level");
    assertThatThrownBy(() -> backend.activation(format, 0x100000, 1))
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith("s390 has no address-space numbers: asid=1")
        .extracting("reason")
        .isEqualTo(Reason.ATTRIBUTE);
    assertThatThrownBy(() -> backend.activation(format, 0x100800, 0))
        .isInstanceOf(PageTableException.class)
        .hasMessageStartingWith("a root is aligned to 2^12 bytes")
        .extracting("reason")
        .isEqualTo(Reason.MISALIGNED);
  }

  private TableFormat format(String name) {
    return backend.variants().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
