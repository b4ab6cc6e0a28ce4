package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import java.util.Arrays;
import java.util.Locale;

/** Flavours with a planted fault: a check that has never failed proves nothing. Never for use. */
public final class FaultyRcu {
  private FaultyRcu() {}

  /** What is wrong. */
  public enum Fault {
    /** Grace periods wait for nobody. */
    NO_WAIT,
    /** Neither readers nor grace periods order a reader's slot before what it loads. */
    MISSING_FENCE,
    /** A cookie is over with the grace period that is newest, which may have begun before. */
    EARLY_COOKIE,
    /** Callbacks wait for no grace period of their own. */
    EARLY_CALLBACK,
    /** The end of a nested section ends the outer ones, too. */
    LOST_NESTING;

    /**
     * The fault with that name, in lower case with a hyphen.
     *
     * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
     */
    public static Fault named(String name) {
      for (Fault fault : values()) {
        if (fault.toString().equals(name)) {
          return fault;
        }
      }
      throw PageTableException.because(Reason.UNKNOWN_NAME, "a fault has a known name")
          .with("name", name)
          .hint("one of " + Arrays.toString(values()))
          .build();
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** A new RCU of a flavour, with a fault. */
  public static Rcu open(RcuFlavour flavour, Fault fault, RcuOptions options) {
    return switch (fault) {
      case NO_WAIT ->
          new ThreadedRcu(flavour.readers(), new Impatient(), options, RcuFlavour.THREADS);
      case MISSING_FENCE ->
          new ThreadedRcu(AsymmetricReader::new, new GracePeriods(), options, RcuFlavour.THREADS);
      case EARLY_COOKIE ->
          new ThreadedRcu(FencedReader::new, new Hasty(), options, RcuFlavour.THREADS);
      case EARLY_CALLBACK ->
          new ThreadedRcu(FencedReader::new, new HastyCallbacks(), options, RcuFlavour.THREADS);
      case LOST_NESTING ->
          new ThreadedRcu(ForgetfulReader::new, new GracePeriods(), options, RcuFlavour.THREADS);
    };
  }

  private static final class Hasty extends GracePeriods {
    @Override
    long cookie() {
      return newest();
    }
  }

  private static final class HastyCallbacks extends GracePeriods {
    @Override
    long cookie() {
      return Thread.currentThread().getName().equals(CallbackThread.NAME) ? 0 : super.cookie();
    }
  }

  private static final class ForgetfulReader extends FencedReader {
    // So that every exit is paired; the slot does not know.
    private int depth;

    ForgetfulReader(Rcu rcu, GracePeriods periods) {
      super(rcu, periods);
    }

    @Override
    public void enter() {
      if (depth++ == 0) {
        super.enter();
      }
    }

    @Override
    public void exit() {
      depth--;
      SLOT.setRelease(this, 0L);
    }
  }

  private static final class Impatient extends GracePeriods {
    @Override
    boolean isPassed(ListedReader reader, long word) {
      return true;
    }
  }
}
