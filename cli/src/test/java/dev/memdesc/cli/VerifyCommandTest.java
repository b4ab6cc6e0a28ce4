package dev.memdesc.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import tools.jackson.jr.ob.JSON;

/** {@code memdesc verify}: its table, its keys and what it refuses. */
final class VerifyCommandTest {
  private static ToolRun verify(String... args) {
    ToolRun run = ToolRun.of(args);
    boolean missing = run.err().contains("the referee's QEMU is");
    assertThat(missing && "true".equals(System.getenv("CI"))).as(run.err()).isFalse();
    assumeTrue(!missing, run.err());
    return run;
  }

  @Test
  void aTableAndWhatNobodySaw() {
    ToolRun run = verify("verify", "--arch", "x86/4-level", "--tables", "2", "--seed", "7");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("QEMU 7.")
        .contains(", seed 7\n")
        .containsPattern("x86/4-level +2 +[1-9][0-9,]+ +0 ")
        .contains("unrefereed, because QEMU does not see it\n")
        .contains(" x86/4-level: cacheability, global, ");
    assertThat(run.exit()).isZero();
  }

  @Test
  void jsonHasAnObjectForEachVariant() {
    ToolRun run = verify("verify", "--arch", "x86", "--tables", "1", "--seed", "7", "--json");
    assertThat(run.exit()).isZero();
    List<Object> tree = JSON.std.listFrom(run.out());
    assertThat(tree).hasSizeGreaterThan(4);
    for (Object one : tree) {
      Map<?, ?> verdict = (Map<?, ?>) one;
      assertThat(String.valueOf(verdict.get("variant"))).startsWith("x86/");
      assertThat(verdict.get("tables")).isEqualTo(1);
      assertThat(verdict.get("mismatches")).isEqualTo(0);
      assertThat(verdict.get("accesses")).isNotNull().isNotEqualTo(0);
      assertThat(verdict.get("unrefereed"))
          .asInstanceOf(InstanceOfAssertFactories.LIST)
          .isNotEmpty();
      assertThat(verdict.containsKey("seconds")).isTrue();
    }
  }

  @Test
  void iommusAndTheirDmas() {
    ToolRun run = verify("verify", "--iommu", "intel", "--dmas", "500", "--seed", "7", "--json");
    assertThat(run.exit()).isZero();
    List<Object> tree = JSON.std.listFrom(run.out());
    assertThat(tree).hasSizeGreaterThan(4);
    int refereed = 0;
    for (Object one : tree) {
      Map<?, ?> verdict = (Map<?, ?>) one;
      assertThat(String.valueOf(verdict.get("variant"))).startsWith("intel/");
      assertThat(verdict.get("mismatches")).isEqualTo(0);
      assertThat(verdict.containsKey("seconds")).isTrue();
      assertThat(verdict.containsKey("unrefereed")).isTrue();
      if (verdict.containsKey("qemu")) {
        refereed++;
        assertThat((Integer) verdict.get("dmas")).isGreaterThanOrEqualTo(500);
        assertThat((Integer) verdict.get("faults")).isPositive();
      }
    }
    assertThat(refereed).isGreaterThanOrEqualTo(4);
    ToolRun text = verify("verify", "--iommu", "intel", "--dmas", "100", "--seed", "7");
    assertThat(text.out())
        .contains("unrefereed, because QEMU does not see it")
        .containsPattern("intel/ss-48 +.*legacy mode");
  }

  @Test
  void whatIsUnknownIsRefused() {
    assertThat(ToolRun.of("verify").exit()).isEqualTo(2);
    ToolRun unknown = ToolRun.of("verify", "--arch", "x68");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err()).contains("did you mean x86");
    assertThat(ToolRun.of("verify", "--all", "--tables", "0").err()).contains("tables=0");
    assertThat(ToolRun.of("verify", "--all", "--arch", "x86").exit()).isEqualTo(2);
    assertThat(ToolRun.of("verify", "--iommu", "intel", "--dmas", "0").err()).contains("dmas=0");
    assertThat(ToolRun.of("verify", "--iommu", "intle").exit()).isEqualTo(2);
  }
}
