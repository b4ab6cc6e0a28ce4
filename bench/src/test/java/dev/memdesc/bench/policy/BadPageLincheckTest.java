package dev.memdesc.bench.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * The bad page state that was fixed in March 2026: a fragment of the page that the cursor is in is
 * deferred, which marks the page; the owner exits, which takes the rest off the count and gives the
 * page back with the mark on it.
 */
final class BadPageLincheckTest {
  @Test
  void aPageGivenBackWithItsMarkIsFound() {
    String report = PoolLincheck.failureOf(KeepsMark.class);
    System.out.println(report);
    assertThat(report)
        .as("what Lincheck found, with the interleaving")
        .contains("a page is given back with no flag set: page=0x0000000000000000, flags=active")
        .contains("defer()")
        .contains("exit()");
  }

  /** As before. */
  public static final class KeepsMark extends CheckedBump {
    /** For Lincheck. */
    public KeepsMark() {
      super(BumpPool.Exit.KEEPS_ACTIVE_MARK);
    }
  }
}
