package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc bench fragments} and {@code bench alloc}, with little to do. */
final class FragmentsCommandTest {
  @TempDir Path dir;

  @Test
  void eachWorkloadIsATableAndAPolicyThatLacksANumberHasADash() {
    ToolRun run =
        ToolRun.of(
            "bench",
            "fragments",
            "--n",
            "256",
            "--steps",
            "1000",
            "--policy",
            "memdesc,powerpc-bump,s390-6.1-halves");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("stranded: ", "dense: ", "churn: ", "live churn: ", "ramp: ")
        .containsPattern("256 +memdesc +65,536 +65,536 +0 +0\\R")
        .containsPattern("256 +powerpc-bump +65,536 +65,536 +65,536 +0\\R")
        .containsPattern("256 +s390-6.1-halves +- +- +- +-\\R");
  }

  @Test
  void jsonHasEveryWorkload() throws Exception {
    ToolRun run =
        ToolRun.of(
            "bench",
            "fragments",
            "--n",
            "2",
            "--steps",
            "2000",
            "--seed",
            "7",
            "--json",
            "--policy",
            "full-page,sketch-2023");
    assertThat(run.exit()).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree)
        .containsOnlyKeys(
            "seed", "steps", "backlogBound", "stranded", "dense", "churn", "liveChurn", "ramp")
        .containsEntry("seed", 7)
        .containsEntry("steps", 2000);
    assertThat((List<?>) tree.get("dense"))
        .hasSize(2)
        .first()
        .isEqualTo(
            Map.of(
                "policy",
                "full-page",
                "tablesPerPage",
                2,
                "tableBytes",
                2048,
                "has",
                true,
                "tables",
                1024,
                "pageBytes",
                4 << 20));
  }

  @Test
  void thePageHoldsTheNumbersAndNeedsNoNetwork() throws Exception {
    Path file = dir.resolve("fragments.html");
    ToolRun run =
        ToolRun.of(
            "bench",
            "fragments",
            "--n",
            "2",
            "--steps",
            "1000",
            "--policy",
            "powerpc-bump",
            "--html",
            file.toString());
    assertThat(run.exit()).isZero();
    assertThat(Files.readString(file))
        .contains("Content-Security-Policy", "curveBytes", "powerpc-bump")
        .doesNotContain("@@", "src=\"http");
  }

  @Test
  void unknownNamesListThoseThatExist() {
    ToolRun policy = ToolRun.of("bench", "fragments", "--policy", "slab");
    assertThat(policy.exit()).isEqualTo(2);
    assertThat(policy.err()).contains("policy=slab", "sketch-2023");
    ToolRun number = ToolRun.of("bench", "fragments", "--n", "3");
    assertThat(number.exit()).isEqualTo(2);
    assertThat(number.err()).contains("n=3", "2, 4, 16, 256");
    ToolRun question = ToolRun.of("bench", "alloc", "--question", "speed");
    assertThat(question.exit()).isEqualTo(2);
    assertThat(question.err()).contains("question=speed", "pair-256");
    assertThat(ToolRun.of("bench", "fragments", "--steps", "0").exit()).isEqualTo(2);
    assertThat(ToolRun.of("bench", "alloc", "--forks", "0").exit()).isEqualTo(2);
  }
}
