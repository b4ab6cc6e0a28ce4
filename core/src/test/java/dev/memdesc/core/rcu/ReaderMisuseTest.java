package dev.memdesc.core.rcu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reader or batch that would protect nothing is refused. */
@Timeout(120)
final class ReaderMisuseTest {
  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aClosedReaderIsRefusedByAllThatItHas(RcuFlavour flavour) {
    try (Rcu rcu = flavour.open()) {
      Reader reader = rcu.register();
      reader.enter();
      reader.exit();
      reader.close();
      assertRefused(Reason.CLOSED, "the reader is closed", reader::enter);
      assertRefused(Reason.CLOSED, "the reader is closed", reader::exit);
      assertRefused(Reason.CLOSED, "the reader is closed", reader::quiescent);
      assertRefused(Reason.CLOSED, "the reader is closed", reader::offline);
      assertRefused(Reason.CLOSED, "the reader is closed", reader::online);
      assertRefused(Reason.CLOSED, "the reader is closed", reader::enter);
      assertThat(reader.isInside()).isFalse();
      reader.close();
      rcu.synchronize();
      assertThat(rcu.statistics().readers()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aReaderIsClosedByAnotherThreadOnlyWhenItsOwnHasEnded(RcuFlavour flavour) throws Exception {
    try (Rcu rcu = flavour.open();
        Reader mine = rcu.register()) {
      for (ThrowingCallable use :
          new ThrowingCallable[] {mine::close, mine::offline, mine::online}) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        inAnother(use, thrown);
        assertThat(thrown.get())
            .isInstanceOfSatisfying(
                PageTableException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE))
            .hasMessageContaining("must be used by the thread that registered it");
      }
      mine.enter();
      mine.exit();
      AtomicReference<Reader> left = new AtomicReference<>();
      inAnother(() -> left.set(rcu.register()), new AtomicReference<>());
      Objects.requireNonNull(left.get()).close();
      assertThat(rcu.statistics().readers()).isEqualTo(1);
    }
  }

  @Test
  void aBatchIsUsedByItsThreadAndNotAfterItsRcu() throws Exception {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open();
    RcuBatch batch = rcu.batch(value -> {});
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    inAnother(() -> batch.defer(1), thrown);
    assertThat(thrown.get()).hasMessageContaining("must be used by the thread that made it");
    batch.defer(2);
    inAnother(batch::flush, thrown);
    assertThat(thrown.get()).hasMessageContaining("must be used by the thread that made it");
    assertThat(batch.size()).isEqualTo(1);
    batch.flush();
    rcu.close();
    assertRefused(Reason.CLOSED, "RCU is used before it is closed", () -> batch.defer(3));
    assertThat(batch.size()).isZero();
  }

  @Test
  void whereItIsAskedForEveryUseInAnotherThreadIsRefused() throws Exception {
    assertThat(misuse("-Dmemdesc.debug=true")).contains("refused=16 of 16");
    assertThat(misuse("-Dmemdesc.debug=false")).contains("refused=0 of 16");
  }

  private static String misuse(String option) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                Misuse.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    return said;
  }

  /** Runs in a child: enter, nested enter, exit and defer of another thread, in every flavour. */
  static final class Misuse {
    private static int refused;
    private static int tried;

    private Misuse() {}

    public static void main(String[] args) throws Exception {
      for (RcuFlavour flavour : RcuFlavour.values()) {
        Rcu rcu = flavour.open();
        Reader reader = rcu.register();
        use(reader::enter);
        use(reader::enter);
        use(reader::exit);
        use(reader::exit);
        if (flavour == RcuFlavour.QSBR) {
          use(reader::quiescent);
        }
        RcuBatch batch = rcu.batch(value -> {});
        batch.defer(1);
        use(() -> batch.defer(2));
      }
      System.out.println("refused=" + refused + " of " + tried);
    }

    private static void use(ThrowingCallable use) throws InterruptedException {
      tried++;
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      inAnother(use, thrown);
      if (thrown.get() instanceof PageTableException e && e.reason() == Reason.ILLEGAL_STATE) {
        refused++;
      }
    }
  }

  private static void inAnother(ThrowingCallable use, AtomicReference<Throwable> thrown)
      throws InterruptedException {
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                use.call();
              } catch (Throwable e) {
                thrown.set(e);
              }
            })
        .join();
  }

  private static void assertRefused(Reason reason, String text, ThrowingCallable use) {
    assertThatThrownBy(use)
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
  }
}
