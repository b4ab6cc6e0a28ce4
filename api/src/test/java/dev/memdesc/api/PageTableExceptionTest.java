package dev.memdesc.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.descriptor.TableState;
import org.junit.jupiter.api.Test;

final class PageTableExceptionTest {
  @Test
  void aMessageIsTheRuleThenTheValuesThenTheHint() {
    PageTableException e =
        PageTableException.because(Reason.MISALIGNED, "a va is a multiple of the leaf")
            .hex("va", 0x1234)
            .with("leafLg2", 12)
            .with("format", "x86/4-level")
            .hint("round it down")
            .build();
    assertThat(e)
        .hasMessage(
            "a va is a multiple of the leaf: va=0x0000000000001234, leafLg2=12,"
                + " format=x86/4-level; round it down")
        .hasNoCause();
    assertThat(e.reason()).isEqualTo(Reason.MISALIGNED);
  }

  @Test
  void aRuleWithoutValuesHasNoColon() {
    assertThat(PageTableException.because(Reason.CLOSED, "memory is open").build())
        .hasMessage("memory is open");
    assertThat(PageTableException.because(Reason.CLOSED, "memory is open").hint("open it").build())
        .hasMessage("memory is open; open it");
  }

  @Test
  void enumConstantsAreInLowerCaseWithBlanks() {
    assertThat(
            PageTableException.because(Reason.ILLEGAL_STATE, "rule")
                .with("state", TableState.UNHOOKED)
                .with("type", MemoryType.WRITE_BACK)
                .build())
        .hasMessage("rule: state=unhooked, type=write back");
  }

  @Test
  void theCauseIsKept() {
    IllegalStateException cause = new IllegalStateException("why");
    assertThat(PageTableException.because(Reason.SYNTAX, "rule").build(cause)).hasCause(cause);
  }

  @Test
  void everyReasonCanBeMatchedOn() {
    for (Reason reason : Reason.values()) {
      assertThat(PageTableException.because(reason, "rule").build().reason()).isEqualTo(reason);
    }
  }
}
