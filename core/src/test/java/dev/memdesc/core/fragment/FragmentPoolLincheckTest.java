package dev.memdesc.core.fragment;

import org.junit.jupiter.api.Test;

/**
 * Model-checks the pool with 2, 3 and 4 fragments a page. {@link FaultyPoolLincheckTest} shows that
 * the check can fail.
 */
final class FragmentPoolLincheckTest {
  @Test
  void twoFragmentsAPage() {
    PoolModel.options().check(Two.class);
  }

  @Test
  void threeFragmentsAPage() {
    PoolModel.options().check(Three.class);
  }

  @Test
  void fourFragmentsAPage() {
    PoolModel.options().check(Four.class);
  }

  /** Each page goes from full to empty in two steps. */
  public static final class Two extends OwnerModel {
    /** For Lincheck. */
    public Two() {
      super(2, MaskedFragmentPool::new);
    }
  }

  /** There is a step that needs no lock. */
  public static final class Three extends OwnerModel {
    /** For Lincheck. */
    public Three() {
      super(3, MaskedFragmentPool::new);
    }
  }

  /** More of them. */
  public static final class Four extends OwnerModel {
    /** For Lincheck. */
    public Four() {
      super(4, MaskedFragmentPool::new);
    }
  }
}
