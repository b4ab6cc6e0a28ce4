package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.Leaf;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.opentest4j.TestAbortedException;

/** A format that loops is reported with the sentence that it never answers, and where it is. */
final class LimitedTest {
  private static final String SENTENCE = "user data can be said in every leaf";

  /** Never returns; ends when it is given up. */
  private static final class Endless extends SampleCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
      return super.bits(attributes, level, leaf);
    }
  }

  /** The kit on a backend whose codec never returns; not a test class of its own. */
  static final class Kit extends BackendConformance {
    Kit(String format) {
      super(new PlantedFaultsTest.Faulty(SampleBackend.format(format, new Endless())));
    }
  }

  private static Executable check(String format, String sentence) {
    return new Kit(format)
        .variants()
        .flatMap(one -> (Stream<? extends DynamicNode>) one.getChildren())
        .map(DynamicTest.class::cast)
        .filter(test -> test.getDisplayName().equals(sentence))
        .findFirst()
        .orElseThrow()
        .getExecutable();
  }

  @Test
  void aCheckThatDoesNotEndFailsWithItsSentence() {
    String before = System.getProperty(Limited.LIMIT_PROPERTY);
    System.setProperty(Limited.LIMIT_PROPERTY, "1");
    try {
      Throwable thrown = catchThrowable(check("sample/loops", SENTENCE)::execute);
      assertThat(thrown)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("sample/loops: " + SENTENCE + ": the check must end within 1 s");
      assertThat(List.of(thrown.getStackTrace()))
          .as("where it is")
          .anyMatch(at -> at.getClassName().equals(Endless.class.getName()));
      assertThat(
              catchThrowable(
                  check("sample/loops", "all attributes come back as they went in, or are refused")
                      ::execute))
          .as("others of the same format would not end either")
          .isInstanceOf(TestAbortedException.class);
    } finally {
      if (before == null) {
        System.clearProperty(Limited.LIMIT_PROPERTY);
      } else {
        System.setProperty(Limited.LIMIT_PROPERTY, before);
      }
    }
  }

  @Test
  void whatACheckThrowsIsThrown() throws Throwable {
    AssertionError planted = new AssertionError("planted");
    Executable fails =
        () -> {
          throw planted;
        };
    assertThat(catchThrowable(() -> Limited.run("sample/fails", "it holds", 100, fails)))
        .isSameAs(planted);
    Limited.run("sample/fails", "it holds", 100, () -> {});
  }

  @Test
  void bitsThatDifferAreSaid() {
    assertThat(Bits.runs(0)).isEmpty();
    assertThat(Bits.runs(-1L)).isEqualTo("63:0");
    assertThat(Bits.runs(1L << 63 | 0xFL << 48 | 1)).isEqualTo("63, 51:48, 0");
    assertThat(catchThrowable(() -> Bits.same("the pa", SampleBackend.level(1), 0x3000, 0x1000)))
        .hasMessage(
            "the pa, level T1: is 0x0000000000003000, must be 0x0000000000001000, differs in bits"
                + " 13");
  }
}
