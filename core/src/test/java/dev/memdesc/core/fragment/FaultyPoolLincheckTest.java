package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.memdesc.api.memory.FragmentLayout;
import java.lang.reflect.Method;
import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/** The model check finds pools in which one step is wrong, and shows how it went wrong. */
final class FaultyPoolLincheckTest {
  private static void expectFound(Class<? extends PoolModel> model, String what) {
    expectFound(PoolModel.options().iterations(100), model, what);
  }

  private static void expectFound(
      ModelCheckingOptions options, Class<? extends PoolModel> model, String what) {
    Throwable found = catchThrowable(() -> options.check(model));
    assertThat(found).as("%s is found", model.getSimpleName()).isNotNull();
    System.out.println(model.getSimpleName() + ":\n" + found.getMessage());
    assertThat(found.getMessage())
        .as("the message has the interleaving")
        .containsPattern(what)
        .contains("The following interleaving leads to the error");
  }

  /** Steps in the right slots, which a generator rarely finds. */
  private static ModelCheckingOptions scenario(
      List<Actor> first, List<Actor> one, List<Actor> other) {
    return PoolModel.options()
        .iterations(0)
        .invocationsPerIteration(10_000)
        .addCustomScenario(new ExecutionScenario(first, List.of(one, other), List.of(), null));
  }

  private static Actor actor(String operation, Object... slot) {
    for (Method method : PoolModel.class.getMethods()) {
      if (method.getName().equals(operation)) {
        return new Actor(method, List.of(slot), false, false, false, false, false);
      }
    }
    throw new AssertionError("no operation " + operation);
  }

  @Test
  void fragmentsThatCameWhileAGracePeriodRanAreForgotten() {
    expectFound(NextDropped.class, "the word counts the masks|heads that wait|pages are left");
  }

  @Test
  void aPageIsReleasedByTheCountOfFreeFragmentsAlone() {
    // First the page is let go by the thread that allocated from it. Between the callback's two
    // steps the other fragment is freed, and the page's object used anew.
    expectFound(
        scenario(
            List.of(actor("allocate", 2)),
            List.of(actor("freeDeferred", 0), actor("pass")),
            List.of(actor("free", 1), actor("allocate", 1), actor("allocate", 0))),
        PendingIgnored.class,
        "the word counts the masks|heads that wait|pages are left");
  }

  @Test
  void aFragmentComesBackWithTheGracePeriodOfAnother() {
    expectFound(
        scenario(
            List.of(),
            List.of(actor("freeDeferred", 1), actor("pass")),
            List.of(actor("freeDeferred", 0), actor("allocate", 0))),
        ReusedEarly.class,
        "a full grace period was over");
  }

  @Test
  void aPageIsListedAfterTheStepThatMadeItListable() {
    expectFound(ListedLate.class, "(?s).*");
  }

  /** The callback forgets to ask for another grace period. */
  public static final class NextDropped extends PoolModel {
    /** For Lincheck. */
    public NextDropped() {
      super(
          3,
          (parts, layout) ->
              new MaskedFragmentPool(parts, layout) {
                @Override
                void afterReclaim(Page page, int count) {
                  settle(page, count * (Page.FREE - Page.PENDING));
                }
              });
    }
  }

  /** The callback makes fragments free first, and takes them off pending in a second step. */
  public static final class PendingIgnored extends PoolModel {
    /** For Lincheck. */
    public PendingIgnored() {
      super(2, PendingIgnored::pool);
    }

    private static MaskedFragmentPool pool(FragmentParts parts, FragmentLayout layout) {
      return new MaskedFragmentPool(parts, layout) {
        @Override
        void afterReclaim(Page page, int count) {
          settle(page, count * Page.FREE);
          if (Page.pendingOf(page.addWord(-count * Page.PENDING)) > count) {
            waitForNext(page);
          }
        }
      };
    }
  }

  /** The callback gives back NEXT too. */
  public static final class ReusedEarly extends PoolModel {
    /** For Lincheck. */
    public ReusedEarly() {
      super(
          2,
          (parts, layout) ->
              new MaskedFragmentPool(parts, layout) {
                @Override
                long over(Page page, int w) {
                  return super.over(page, w) | page.takeBits(Page.NEXT, w);
                }
              });
    }
  }

  /** The word changes first, and the list in a second step. */
  public static final class ListedLate extends PoolModel {
    /** For Lincheck. */
    public ListedLate() {
      super(2, ListedLate::pool);
    }

    private static MaskedFragmentPool pool(FragmentParts parts, FragmentLayout layout) {
      return new MaskedFragmentPool(parts, layout) {
        @Override
        long settle(Page page, long added) {
          long now = page.addWord(added) + added;
          if (!Page.isHeld(now)) {
            synchronized (lists) {
              lists.move(page, place(now));
            }
            if (place(now) == PageLists.GONE) {
              release(page);
            }
          }
          return now;
        }
      };
    }
  }
}
