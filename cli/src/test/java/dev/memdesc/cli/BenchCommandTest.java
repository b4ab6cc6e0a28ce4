package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code memdesc bench}: what needs no measuring. */
final class BenchCommandTest {
  @Test
  void countsNeedNoMeasuring() {
    ToolRun run = ToolRun.of("bench", "engine", "--counts", "--question", "pages");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("words read", "atomics")
        .containsPattern("map a random page +4.000 +1.000 +4.000 +1.0000 +0.0000")
        .doesNotContain("translate");
  }

  @Test
  void anUnknownQuestionListsThoseThatExist() {
    ToolRun run = ToolRun.of("bench", "engine", "--question", "page");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("question=page")
        .contains("contiguous, existing, pages, translate, mixed");
  }

  @Test
  void aSubjectIsNeeded() {
    ToolRun run = ToolRun.of("bench");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("there are", "engine");
  }

  @Test
  void atLeastOneForkMeasures() {
    ToolRun run = ToolRun.of("bench", "engine", "--forks", "0");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("forks=0");
  }
}
