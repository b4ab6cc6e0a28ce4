package dev.memdesc.bench.jcstress;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.rcu.RcuFlavour;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A reader against an updater that unpublishes, waits for a grace period and destroys. Run with
 * {@code mvn verify -pl bench -am -DskipTests -Pjcstress}.
 */
public final class RcuStress {
  private static final class Box {
    int value = 1;
  }

  /** The flavour that leans on HotSpot. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "found it alive")
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "found the next one")
  @Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "destroyed under the section")
  public static class Asymmetric extends Race {
    private static final Rcu RCU = RcuFlavour.ASYMMETRIC.open();
    private static final ThreadLocal<Reader> READER = ThreadLocal.withInitial(RCU::register);

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      read(READER.get(), result);
    }

    /** Replaces. */
    @Actor
    public void updater() {
      replace(RCU);
    }
  }

  /** The flavour that leans on the specification. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "found it alive")
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "found the next one")
  @Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "destroyed under the section")
  public static class Fenced extends Race {
    private static final Rcu RCU = RcuFlavour.FENCED.open();
    private static final ThreadLocal<Reader> READER = ThreadLocal.withInitial(RCU::register);

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      read(READER.get(), result);
    }

    /** Replaces. */
    @Actor
    public void updater() {
      replace(RCU);
    }
  }

  /** What both do. */
  abstract static class Race {
    private volatile Box published = new Box();

    final void read(Reader reader, I_Result result) {
      reader.enter();
      result.r1 = published.value;
      reader.exit();
    }

    final void replace(Rcu rcu) {
      Box old = published;
      Box next = new Box();
      next.value = 2;
      published = next;
      rcu.synchronize();
      old.value = 0;
    }
  }
}
