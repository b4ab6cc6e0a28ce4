package dev.memdesc.bench.twin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** When the rival may be missing. */
final class TwinCompilerTest {
  @Test
  void aRivalIsRequiredInContinuousIntegrationOnly() {
    assertThat(TwinCompiler.isRequired(Map.of("CI", "true"))).isTrue();
    assertThat(TwinCompiler.isRequired(Map.of("CI", "false"))).isFalse();
    assertThat(TwinCompiler.isRequired(Map.of())).isFalse();
  }
}
