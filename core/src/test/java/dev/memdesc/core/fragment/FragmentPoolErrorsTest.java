package dev.memdesc.core.fragment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentLayout.Contents;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a pool refuses: the message names the address, what was found and what was needed. */
final class FragmentPoolErrorsTest {
  // Three of 24 bytes, and 24 bytes of rest less than a fourth.
  private final PoolMachine machine =
      new PoolMachine(8, 7, new FragmentLayout(24, 5, 0, -1, -1, null, PageChoice.NEWEST_FIRST));
  private final MaskedFragmentPool pool = machine.pool;

  @Test
  void aSecondFreeIsRefusedWhateverTheFirstWas() {
    long pa = pool.allocate();
    pool.free(pa);
    expectNotOut(() -> pool.free(pa), "free");
    expectNotOut(() -> pool.freeDeferred(pa), "free");
    assertThat(pool.allocate()).isEqualTo(pa + 24);
    pool.freeDeferred(pa + 24);
    expectNotOut(() -> pool.free(pa + 24), "waiting");
    expectNotOut(() -> pool.freeDeferred(pa + 24), "waiting");
    machine.rcu.advance();
    expectNotOut(() -> pool.free(pa + 24), "waiting");
    machine.rcu.runCallbacks();
    expectNotOut(() -> pool.freeEmpty(pa + 24), "free");
    machine.checkNothingLeft();
    assertThat(machine.refused(() -> pool.free(pa)).reason()).isEqualTo(Reason.FOREIGN);
  }

  @Test
  void theHolderIsRefusedLikeAnybody() {
    try (FragmentHandle handle = pool.register()) {
      long pa = handle.allocate();
      handle.free(pa);
      expectNotOut(() -> handle.free(pa), "free");
      expectNotOut(() -> pool.free(pa), "free");
      assertThat(handle.allocate()).isEqualTo(pa);
      handle.freeDeferred(pa);
      expectNotOut(() -> handle.freeEmpty(pa), "waiting");
    }
    machine.checkNothingLeft();
  }

  private void expectNotOut(Runnable step, String found) {
    PageTableException e = machine.refused(step);
    assertThat(e.reason()).isEqualTo(Reason.ILLEGAL_STATE);
    assertThat(e)
        .hasMessageMatching(
            "a fragment is given back once: pa=0x[0-9a-f]{16}, state="
                + found
                + ", needed=allocated");
  }

  @Test
  void theMiddleOfAFragmentIsRefused() {
    long pa = pool.allocate();
    PageTableException e = machine.refused(() -> pool.free(pa + 8));
    assertThat(e.reason()).isEqualTo(Reason.MISALIGNED);
    assertThat(e)
        .hasMessage(
            "a fragment is given back by the pa of its first byte: pa=0x0000000000000008,"
                + " found=the middle of a fragment, needed=the first byte of one,"
                + " page=0x0000000000000000, fragmentBytes=24,"
                + " fragments=5; this one begins at 0x0000000000000000");
    assertThat(machine.refused(() -> pool.freeDeferred(pa + 23)).reason())
        .isEqualTo(Reason.MISALIGNED);
    assertThat(machine.refused(() -> pool.free(pa + 120)))
        .hasMessageContaining("found=the rest of a page")
        .hasMessageNotContaining("begins at");
    pool.free(pa);
    machine.checkNothingLeft();
  }

  @Test
  void anAddressOfNoPageIsForeign() {
    PoolMachine other = new PoolMachine(8, 7, pool.layout());
    long pa = pool.allocate();
    for (long foreign : new long[] {pa + 128, 8 * 128, -1, Long.MIN_VALUE}) {
      PageTableException e = machine.refused(() -> pool.free(foreign));
      assertThat(e.reason()).isEqualTo(Reason.FOREIGN);
      assertThat(e).hasMessageContaining("needed=a page of this pool");
    }
    assertThat(other.refused(() -> other.pool.free(pa)))
        .hasMessage(
            "a fragment that is given back lies in a page of this pool: pa=0x0000000000000000,"
                + " found=nothing, needed=a page of this pool");
    MaskedFragmentPool beside =
        new MaskedFragmentPool(
            new FragmentParts(machine.memory, machine.allocator, machine.descriptors, machine.rcu),
            pool.layout());
    assertThatThrownBy(() -> beside.free(pa))
        .hasMessageContaining(
            "found=fragments[pa=0x0000000000000000, free=4, pending=0, held=true]");
    pool.free(pa);
    machine.checkNothingLeft();
  }

  @Test
  void afterCloseNothingIsHandedOut() {
    FragmentHandle handle = pool.register();
    long pa = handle.allocate();
    pool.close();
    PageTableException e = machine.refused(pool::allocate);
    assertThat(e.reason()).isEqualTo(Reason.CLOSED);
    assertThat(e).hasMessage("fragments come from a pool that is open: state=closed, needed=open");
    assertThat(machine.refused(pool::register).reason()).isEqualTo(Reason.CLOSED);
    assertThatThrownBy(handle::allocate).hasMessageContaining("a pool that is open");
    handle.free(pa);
    machine.checkNothingLeft();
    handle.close();
    assertThatThrownBy(handle::allocate)
        .hasMessage("a handle is used before it is closed: state=closed, needed=open");
  }

  @Test
  void withoutMemoryNothingChanges() {
    machine.allocator.failNth(1);
    assertThat(machine.refused(pool::allocate).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    long pa = pool.allocate();
    pool.free(pa);
    machine.checkNothingLeft();
  }

  @Test
  void withoutGracePeriodsADeferredFreeIsRefused() {
    long pa = pool.allocate();
    machine.rcu.close();
    assertThat(machine.refused(() -> pool.freeDeferred(pa)).reason()).isEqualTo(Reason.CLOSED);
    pool.free(pa);
    pool.close();
    assertThat(pool.counts().pages()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"12, 4, 0", "0, 4, 0", "8, 1, 0", "8, 4097, 0", "8, 4, 11", "8, 4, -1", "-8, 4, 0"})
  void aLayoutThatMakesNoSenseIsRefused(int bytes, int fragments, int order) {
    assertThatThrownBy(
            () ->
                new FragmentLayout(bytes, fragments, order, -1, -1, null, PageChoice.NEWEST_FIRST))
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INCONSISTENT));
  }

  @Test
  void fragmentsThatDoNotFitAreRefused() {
    FragmentLayout layout = FragmentLayout.of(64, 192);
    assertThatThrownBy(() -> new PoolMachine(8, 7, layout))
        .hasMessage("all fragments fit the page: fragmentBytes=64, fragments=3, pageBytes=128");
    assertThatThrownBy(
            () ->
                new FragmentLayout(
                    16, 4, 0, -1, -1, new Contents(0, 24, 0), PageChoice.NEWEST_FIRST))
        .hasMessageContaining("shadowBytes=24");
  }
}
