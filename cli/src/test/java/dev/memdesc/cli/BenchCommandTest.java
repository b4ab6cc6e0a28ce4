package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc bench}: what needs no measuring, and that it measures. */
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

  /** Each measures for seconds: one JVM, one question. */
  @ParameterizedTest
  @CsvSource({
    "alloc, pair-256, 'allocate and free 256 B', Netty pooled",
    "rcu, section, 'read section', StampedLock.readLock"
  })
  void rivalsStandBesideMemdesc(String subject, String question, String row, String rival)
      throws Exception {
    ToolRun run =
        ToolRun.of("bench", subject, "--question", question, "--quick", "--forks", "1", "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree).containsEntry("forks", 1);
    Map<String, Object> first = JsonTree.objects(tree, "rows").getFirst();
    assertThat(first).containsEntry("question", question).containsEntry("heapBytes", 0.0);
    assertThat(first.get("row")).asString().startsWith(row);
    assertThat(first.get("nanos"))
        .isInstanceOfSatisfying(Double.class, n -> assertThat(n).isPositive());
    assertThat(JsonTree.objects(first, "rivals"))
        .anyMatch(other -> rival.equals(other.get("name")));
  }

  @ParameterizedTest
  @CsvSource({"alloc, 'pair-256, pair-2k'", "rcu, 'section, fenced, qsbr'"})
  void anUnknownQuestionOfTheOthersListsThemToo(String subject, String names) {
    ToolRun run = ToolRun.of("bench", subject, "--question", "pages");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("question=pages", names);
  }
}
