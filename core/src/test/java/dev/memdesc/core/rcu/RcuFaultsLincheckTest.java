package dev.memdesc.core.rcu;

import dev.memdesc.api.rcu.HeadLinks;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuHead;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Faults planted one at a time into RCU; the check of {@link RcuLincheckTest} finds each of them.
 */
final class RcuFaultsLincheckTest {
  @Test
  void aGracePeriodThatDoesNotWaitIsFound() {
    RcuModel.assertFound(() -> RcuModel.options().check(NoWait.class));
  }

  @Test
  void aScanBeforeTheNumberIsRaisedIsFound() {
    RcuModel.assertFound(() -> RcuModel.options().check(EarlyScan.class));
  }

  @Test
  void aNestedExitThatClearsTheSlotIsFound() {
    RcuModel.assertFound(() -> RcuModel.options().check(ClearingExit.class));
  }

  @Test
  void aLateRegistrationThatIsMissedIsFound() {
    RcuModel.assertFound(() -> RcuModel.options().check(OldList.class));
  }

  @Test
  void aHeadThatIsTouchedWhileItsReclaimRunsIsFound() {
    RcuModel.assertFound(() -> RcuModel.options().check(LateDetach.class));
  }

  /** Every reader counts as passed. */
  public static final class NoWait extends RcuModel {
    /** For Lincheck. */
    public NoWait() {
      super(
          new GracePeriods() {
            @Override
            boolean isPassed(ListedReader reader, long word) {
              return true;
            }
          },
          FencedReader::new,
          rcu -> new CallbackQueue(rcu::failed));
    }
  }

  /** The slots are compared with the number as it was, and the number is raised at the end. */
  public static final class EarlyScan extends RcuModel {
    /** For Lincheck. */
    public EarlyScan() {
      super(
          new GracePeriods() {
            @Override
            long begin() {
              order();
              return newest();
            }

            @Override
            void end(long word) {
              super.end(raise());
            }
          },
          FencedReader::new,
          rcu -> new CallbackQueue(rcu::failed));
    }
  }

  /** The inner exit says that the thread has left altogether. */
  public static final class ClearingExit extends RcuModel {
    /** For Lincheck. */
    public ClearingExit() {
      super(new GracePeriods(), ClearingReader::new, rcu -> new CallbackQueue(rcu::failed));
    }

    private static final class ClearingReader extends FencedReader {
      ClearingReader(Rcu rcu, GracePeriods periods) {
        super(rcu, periods);
      }

      @Override
      public void exit() {
        SLOT.setRelease(this, 0L);
      }
    }
  }

  /** The scan goes over the list as it was when the grace period before ended. */
  public static final class OldList extends RcuModel {
    /** For Lincheck. */
    public OldList() {
      super(new OldListPeriods(), FencedReader::new, rcu -> new CallbackQueue(rcu::failed));
    }

    private static final class OldListPeriods extends GracePeriods {
      private ListedReader[] old = super.readers();

      @Override
      ListedReader[] readers() {
        return old;
      }

      @Override
      void end(long word) {
        old = super.readers();
        super.end(word);
      }
    }
  }

  /** What is below a head is read from the head when its reclaim has run. */
  public static final class LateDetach extends HeadReuseModel {
    /** For Lincheck. */
    public LateDetach() {
      super(rcu -> new TouchingQueue(rcu::failed));
    }

    private static final class TouchingQueue extends CallbackQueue {
      TouchingQueue(Consumer<Throwable> failed) {
        super(failed);
      }

      @Override
      void reclaim(RcuHead head) {
        tryReclaim(head);
        rest = HeadLinks.detach(head);
      }
    }
  }
}
