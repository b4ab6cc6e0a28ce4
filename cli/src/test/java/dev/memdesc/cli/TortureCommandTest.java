package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc torture}: its lines, its exit codes and that a planted fault ends it. */
final class TortureCommandTest {
  private static final String LAST_LINE =
      "(?s).*\\nviolations=%s operations=\\d+ gracePeriods=\\d+ seconds=\\d+%s\\n";

  @Test
  void aLineEachSecondAndALastOne() {
    ToolRun run = ToolRun.of("torture", "--rcu", "--seconds", "2", "--seed", "7");
    assertThat(run.out()).startsWith("seed=7 threads=2\n").matches(LAST_LINE.formatted("0", ""));
    assertThat(run.out().lines().filter(line -> line.contains("backlog="))).hasSize(2);
    assertThat(run.exit()).isZero();
  }

  @Test
  void aPlantedFaultThatIsFoundEndsItWithZero() {
    ToolRun run = ToolRun.of("torture", "--rcu", "--fault", "no-wait", "--seconds", "60");
    assertThat(run.out())
        .contains("what a section has found is not freed: age=")
        .matches(LAST_LINE.formatted("[1-9]\\d*", " fault=no-wait found=true"));
    assertThat(run.exit()).isZero();
  }

  @Test
  void theExitCodeSaysWhetherAPlantedFaultWasFound() {
    // In so little time it may be found or not: the exit code says which.
    ToolRun run =
        ToolRun.of("torture", "--rcu", "--fault", "missing-fence", "--seconds", "1", "--json");
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree).containsEntry("fault", "missing-fence");
    assertThat(tree.get("found")).isEqualTo(run.exit() == 0);
  }

  @Test
  void fragmentsAreTorturedToo() {
    ToolRun run = ToolRun.of("torture", "--fragments", "--seconds", "1", "--seed", "7");
    assertThat(run.out())
        .contains(" deferred=", " pageBytes=")
        .matches(LAST_LINE.formatted("0", ""));
    assertThat(run.exit()).isZero();
    ToolRun faulty =
        ToolRun.of("torture", "--fragments", "--fault", "early-reuse", "--seconds", "60");
    assertThat(faulty.out())
        .contains("what a section has found is not used again: fragments=")
        .matches(LAST_LINE.formatted("[1-9]\\d*", " fault=early-reuse found=true"));
    assertThat(faulty.exit()).isZero();
  }

  @Test
  void jsonHasTheSameFigures() {
    ToolRun run = ToolRun.of("torture", "--rcu", "--seconds", "1", "--flavour", "qsbr", "--json");
    assertThat(run.exit()).isZero();
    Map<String, Object> tree = JSON.std.mapFrom(run.out());
    assertThat(tree)
        .containsEntry("subject", "rcu")
        .containsEntry("violations", 0)
        .doesNotContainKey("found");
    assertThat(tree.get("gracePeriods")).isNotNull().isNotEqualTo(0);
    assertThat(tree).containsKey("peakBacklogBytes");
  }

  @Test
  void whatIsUnknownIsRefused() {
    assertThat(ToolRun.of("torture").exit()).isEqualTo(2);
    assertThat(ToolRun.of("torture", "--rcu", "--threads", "1").err()).contains("threads=1");
    ToolRun flavour = ToolRun.of("torture", "--rcu", "--flavour", "fast");
    assertThat(flavour.exit()).isEqualTo(2);
    assertThat(flavour.err()).contains("one of [asymmetric, fenced, qsbr]");
    assertThat(ToolRun.of("torture", "--rcu", "--fault", "none").err())
        .contains("no-wait, missing-fence");
    assertThat(ToolRun.of("torture", "--rcu", "--fragments").exit()).isEqualTo(2);
    assertThat(ToolRun.of("torture", "--fragments", "--fault", "missing-fence").err())
        .contains("no-wait, early-reuse");
  }
}
