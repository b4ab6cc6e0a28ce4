package dev.memdesc.core.rcu;

import static dev.memdesc.core.rcu.WeakOrder.Step.CALL_BEGINS;
import static dev.memdesc.core.rcu.WeakOrder.Step.CALL_ENDS;
import static dev.memdesc.core.rcu.WeakOrder.Step.RAISE;
import static dev.memdesc.core.rcu.WeakOrder.Step.SCAN;
import static dev.memdesc.core.rcu.WeakOrder.Step.UNHOOK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.core.rcu.WeakOrder.Step;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Why a section reads the newest number with acquire, by executing every order there is: the
 * machines of the build are x86, which shows none of this.
 */
final class WeakOrderTest {
  private static final List<Step> NUMBER_THEN_CALL =
      List.of(UNHOOK, RAISE, CALL_BEGINS, CALL_ENDS, SCAN);
  private static final List<Step> CALL_THEN_NUMBER =
      List.of(UNHOOK, CALL_BEGINS, CALL_ENDS, RAISE, SCAN);
  private static final List<Step> WITHOUT_CALL =
      List.of(UNHOOK, RAISE, SCAN, CALL_BEGINS, CALL_ENDS);

  @Test
  void withAnOpaqueReadAWeakHostUsesWhatWasFreed() {
    WeakOrder opaque = new WeakOrder(NUMBER_THEN_CALL, false);
    assertThat(opaque.usesAfterFree()).as("of %d orders", opaque.orders()).isPositive();
  }

  @Test
  void withAnAcquireReadNoHostDoes() {
    WeakOrder acquire = new WeakOrder(NUMBER_THEN_CALL, true);
    assertThat(acquire.orders()).isPositive();
    assertThat(acquire.usesAfterFree()).as("of %d orders", acquire.orders()).isZero();
  }

  /** x86 executes loads in order, so an opaque read does there what an acquire read does. */
  @Test
  void theCallBeforeTheNumberWouldDoWithoutAcquire() {
    assertThat(new WeakOrder(CALL_THEN_NUMBER, false).usesAfterFree()).isZero();
    assertThat(new WeakOrder(CALL_THEN_NUMBER, true).usesAfterFree()).isZero();
  }

  @Test
  void withoutTheCallNoReadIsEnough() {
    assertThat(new WeakOrder(WITHOUT_CALL, true).usesAfterFree()).isPositive();
  }

  /** The model above is of this code: the mode of the access is in the class file. */
  @Test
  void theReaderReadsTheNumberWithTheModeThatIsNeeded() throws IOException {
    String mode = modeOf("newest");
    boolean numberFirst = mode.equals("getAcquire") || mode.equals("getVolatile");
    assertThat(new WeakOrder(NUMBER_THEN_CALL, numberFirst).usesAfterFree())
        .as("GracePeriods.newest reads with %s", mode)
        .isZero();
    assertThat(modeOf("raise")).isEqualTo("setVolatile");
  }

  /** What a method of GracePeriods calls on a VarHandle. */
  private static String modeOf(String method) throws IOException {
    ClassModel parsed;
    try (InputStream in = GracePeriods.class.getResourceAsStream("GracePeriods.class")) {
      parsed = ClassFile.of().parse(Objects.requireNonNull(in).readAllBytes());
    }
    for (MethodModel one : parsed.methods()) {
      if (one.methodName().equalsString(method)) {
        for (CodeElement element : one.code().orElseThrow()) {
          if (element instanceof InvokeInstruction call
              && call.owner().asInternalName().equals("java/lang/invoke/VarHandle")) {
            return call.name().stringValue();
          }
        }
      }
    }
    throw new AssertionError("no access in " + method);
  }
}
