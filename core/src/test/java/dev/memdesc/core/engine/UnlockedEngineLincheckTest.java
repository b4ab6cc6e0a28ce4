package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/**
 * The check of {@link EngineLincheckTest} finds an engine that ignores the lock word. In a JVM of
 * its own: Lincheck keeps the classes it instruments by name.
 */
final class UnlockedEngineLincheckTest {
  @Test
  void anEngineThatIgnoresTheLockIsFoundOut() {
    assertThatThrownBy(() -> EngineLincheckTest.options().check(Unlocked.class))
        .hasMessageMatching("(?s).*(Invalid execution results|Validation function).*");
  }

  /** The operations, on the engine with the fault. */
  public static final class Unlocked extends EngineLincheckTest.Pages {
    // Once: every instance would define and instrument the engine again.
    private static final UnlockedEngineLoader LOADER = new UnlockedEngineLoader();

    /** For Lincheck. */
    public Unlocked() {
      super(LOADER::newEngine);
    }
  }
}
