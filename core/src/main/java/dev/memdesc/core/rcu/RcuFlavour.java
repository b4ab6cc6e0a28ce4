package dev.memdesc.core.rcu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.guard.Arguments;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.function.BiFunction;

/** The flavours with threads, by what a reader pays. */
public enum RcuFlavour {
  /**
   * No fence in the reader; grace periods cost a system call. Leans on HotSpot, as {@link
   * AsymmetricReader} explains. Where the call is missing it is {@link #FENCED}.
   */
  ASYMMETRIC,
  /** A full fence in the reader; nothing but the specification is needed. */
  FENCED,
  /** Readers that say when they hold nothing; everything in between is one section. */
  QSBR;

  static final ThreadFactory THREADS =
      work -> Thread.ofPlatform().daemon().name(CallbackThread.NAME).unstarted(work);

  /** The system property that chooses: a flavour's name in lower case. */
  public static final String PROPERTY = "memdesc.rcu";

  /**
   * The one that {@link #PROPERTY} names, {@link #ASYMMETRIC} without it.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static RcuFlavour preferred() {
    return named(System.getProperty(PROPERTY, "asymmetric"));
  }

  /**
   * The flavour with that name, in lower case.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static RcuFlavour named(String name) {
    Arguments.require(name, "name");
    for (RcuFlavour flavour : values()) {
      if (flavour.toString().equals(name)) {
        return flavour;
      }
    }
    throw PageTableException.because(Reason.UNKNOWN_NAME, "a flavour of RCU has a known name")
        .with("name", name)
        .hint("one of " + names())
        .build();
  }

  private static List<String> names() {
    return Arrays.stream(values()).map(RcuFlavour::toString).toList();
  }

  /** This one, or the one that takes its place on this system. */
  public RcuFlavour effective() {
    return this == ASYMMETRIC && !Membarrier.isAvailable() ? FENCED : this;
  }

  /** A new RCU of this flavour with the usual options. */
  public Rcu open() {
    return open(RcuOptions.DEFAULT);
  }

  /** A new RCU of this flavour. Its thread starts with the first callback. */
  public Rcu open(RcuOptions options) {
    return open(options, THREADS);
  }

  /**
   * A new RCU of this flavour.
   *
   * @param factory makes the thread that runs callbacks, with the first one, and another one should
   *     it die; it may throw, then whoever queues a callback next asks again, and {@code barrier}
   *     and {@code close} run callbacks themselves
   */
  public Rcu open(RcuOptions options, ThreadFactory factory) {
    Arguments.require(options, "options");
    Arguments.require(factory, "factory");
    RcuFlavour flavour = effective();
    return new ThreadedRcu(flavour.readers(), flavour.periods(), options, factory);
  }

  BiFunction<Rcu, GracePeriods, ListedReader> readers() {
    return switch (this) {
      case ASYMMETRIC -> AsymmetricReader::new;
      case FENCED -> FencedReader::new;
      case QSBR -> QuiescentReader::new;
    };
  }

  GracePeriods periods() {
    return this == ASYMMETRIC ? new BarrierPeriods() : new GracePeriods();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Grace periods that make readers execute the fence that they have not. */
  static class BarrierPeriods extends GracePeriods {
    @Override
    void order() {
      Membarrier.execute();
    }
  }
}
