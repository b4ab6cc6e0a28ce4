package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import java.util.Locale;

/** Flavours with a planted fault: a check that has never failed proves nothing. Never for use. */
public final class FaultyRcu {
  private FaultyRcu() {}

  /** What is wrong. */
  public enum Fault {
    /** Grace periods wait for nobody. */
    NO_WAIT,
    /** Neither readers nor grace periods order a reader's slot before what it loads. */
    MISSING_FENCE;

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
          .hint("no-wait or missing-fence")
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
    };
  }

  private static final class Impatient extends GracePeriods {
    @Override
    boolean isPassed(ListedReader reader, long word) {
      return true;
    }
  }
}
