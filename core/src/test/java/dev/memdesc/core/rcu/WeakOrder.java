package dev.memdesc.core.rcu;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Every order in which a multi-copy-atomic processor may execute one section beside one grace
 * period. Steps are executed one after the other, in any order that what must come before what
 * allows.
 *
 * <p>The updater unhooks, raises the number, executes the system call, reads the slot: its fences
 * keep that order. The reader loads the number, stores it in its slot (it depends on the load),
 * loads the data; that is all that is ordered unless the caller says more. The system call puts a
 * full fence anywhere into the reader's program, executed between the call's begin and its end.
 */
final class WeakOrder {
  /** What is executed. */
  enum Step {
    /** The updater makes the old object unreachable. */
    UNHOOK,
    /** The updater raises the number. */
    RAISE,
    /** The system call begins. */
    CALL_BEGINS,
    /** Every thread has executed a fence. */
    CALL_ENDS,
    /** The updater reads the slot. */
    SCAN,
    /** The reader loads the newest number. */
    LOAD_NUMBER,
    /** The reader stores it in its slot. */
    STORE_SLOT,
    /** The reader loads the pointer. */
    LOAD_DATA,
    /** The fence that the system call puts into the reader. */
    FENCE
  }

  private static final List<Step> READER =
      List.of(Step.LOAD_NUMBER, Step.STORE_SLOT, Step.LOAD_DATA);
  private static final long OLD = 2;

  private final Map<Step, Set<Step>> before = new EnumMap<>(Step.class);
  private int orders;
  private int usesAfterFree;

  // The memory and the registers of the order that is executed.
  private boolean unhooked;
  private long newest;
  private long slot;
  private long number;
  private boolean foundOld;
  private boolean passed;

  /**
   * Executes every order with the fence at every place of the reader's program.
   *
   * @param updater the updater's order
   * @param numberFirst whether the reader's loads are executed after it loaded the number: what an
   *     acquire load says, and what x86 does with every load
   */
  WeakOrder(List<Step> updater, boolean numberFirst) {
    for (int place = 0; place <= READER.size(); place++) {
      before.clear();
      for (Step step : Step.values()) {
        before.put(step, EnumSet.noneOf(Step.class));
      }
      for (int i = 1; i < updater.size(); i++) {
        order(updater.get(i - 1), updater.get(i));
      }
      order(Step.LOAD_NUMBER, Step.STORE_SLOT);
      if (numberFirst) {
        order(Step.LOAD_NUMBER, Step.LOAD_DATA);
      }
      order(Step.CALL_BEGINS, Step.FENCE);
      order(Step.FENCE, Step.CALL_ENDS);
      for (int i = 0; i < READER.size(); i++) {
        if (i < place) {
          order(READER.get(i), Step.FENCE);
        } else {
          order(Step.FENCE, READER.get(i));
        }
      }
      execute(new ArrayList<>());
    }
  }

  private void order(Step first, Step second) {
    Objects.requireNonNull(before.get(second)).add(first);
  }

  /** How many orders there are. */
  int orders() {
    return orders;
  }

  /** In how many of them the scan passes a section that found the old object. */
  int usesAfterFree() {
    return usesAfterFree;
  }

  private void execute(List<Step> done) {
    if (done.size() == Step.values().length) {
      orders++;
      run(done);
      if (foundOld && passed) {
        usesAfterFree++;
      }
      return;
    }
    for (Step step : Step.values()) {
      if (!done.contains(step) && done.containsAll(before.get(step))) {
        done.add(step);
        execute(done);
        done.removeLast();
      }
    }
  }

  private void run(List<Step> order) {
    unhooked = false;
    newest = OLD;
    slot = 0;
    for (Step step : order) {
      switch (step) {
        case UNHOOK -> unhooked = true;
        case RAISE -> newest = OLD + 1;
        case LOAD_NUMBER -> number = newest;
        case STORE_SLOT -> slot = number;
        case LOAD_DATA -> foundOld = !unhooked;
        case SCAN -> passed = slot == 0 || slot > OLD;
        case CALL_BEGINS, CALL_ENDS, FENCE -> {}
      }
    }
  }
}
