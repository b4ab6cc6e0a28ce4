package dev.memdesc.bench.policy;

import dev.memdesc.core.memory.HeapMemory;
import org.junit.jupiter.api.Test;

/** Model-checks the sketch with three fragments a page, its list in heap memory. */
final class SketchLincheckTest {
  @Test
  void fragmentsAreFreedByTwoThreadsAndACallback() {
    PoolLincheck.options().check(Sound.class);
  }

  /** As sketched. */
  public static final class Sound extends CheckedHalves {
    /** For Lincheck. */
    public Sound() {
      super(host -> new SketchPool(host, 3, 16, new HeapMemory(16, 6), 0x400));
    }
  }
}
