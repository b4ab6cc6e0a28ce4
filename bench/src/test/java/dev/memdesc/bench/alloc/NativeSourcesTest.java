package dev.memdesc.bench.alloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rivals in C: compiled here, and an error in continuous integration if they cannot be. */
final class NativeSourcesTest {
  @ParameterizedTest
  @EnumSource
  void aRivalThatIsMissingIsAnErrorInContinuousIntegrationOnly(NativeSources source) {
    assertThatThrownBy(() -> source.requireUnneeded("urcu.h: no such file", Map.of("CI", "true")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs=" + source.needs())
        .hasMessageContaining("said=urcu.h: no such file");
    assertThatCode(() -> source.requireUnneeded("no such file", Map.of()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeWrittenIsNotCompiled(NativeSources source, @TempDir Path folder) {
    Path missing = folder.resolve("missing");
    if ("true".equals(System.getenv("CI"))) {
      assertThatThrownBy(() -> source.compile(missing)).hasMessageContaining("missing");
    } else {
      assertThat(source.compile(missing)).isFalse();
    }
  }

  @Test
  void onlyWhatWasCompiledIsLoadedFirst(@TempDir Path folder) throws Exception {
    assertThat(NativeSources.preload(folder)).isEmpty();
    Files.createFile(NativeSources.URCU_QSBR.library(folder));
    assertThat(NativeSources.preload(folder))
        .isEqualTo(NativeSources.URCU_QSBR.library(folder).toString());
  }
}
