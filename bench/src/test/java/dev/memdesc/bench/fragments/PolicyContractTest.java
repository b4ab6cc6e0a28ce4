package dev.memdesc.bench.fragments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.descriptor.TableState;
import dev.memdesc.bench.policy.Policy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What table memory promises holds for every policy with every number of tables it has. */
final class PolicyContractTest {
  private static final long EMPTY = 1L << 62;

  static Stream<Arguments> policies() {
    return Stream.of(Policy.values())
        .flatMap(
            policy ->
                Stream.of(Sharing.values())
                    .filter(sharing -> policy.has(sharing.fragments()))
                    .map(sharing -> Arguments.of(policy, sharing)));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void tablesAreEmptyAndApartAndNothingIsLeft(Policy policy, Sharing sharing) {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(policy.title() + " with " + sharing + ": -Dmemdesc.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Grace grace = new Grace();
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, grace.rcu())) {
      List<TableDescriptor> live = new ArrayList<>();
      Set<Long> taken = new HashSet<>();
      for (int step = 0; step < 6_000; step++) {
        int action = random.nextInt(step / 1_500 % 2 == 0 ? 6 : 5);
        if (action == 0) {
          grace.pass(1);
        } else if (action < 3 && !live.isEmpty()) {
          TableDescriptor table = live.remove(random.nextInt(live.size()));
          taken.remove(table.pa());
          if (action == 1) {
            machine.free(table);
          } else {
            machine.freeDeferred(table);
          }
        } else {
          TableDescriptor table = machine.allocate();
          assertThat(taken.add(table.pa())).as("nobody else has %s", table).isTrue();
          assertThat(table.pa() % sharing.tableBytes()).isZero();
          for (int word = 0; word < sharing.tableBytes() / 8; word++) {
            assertThat(machine.word(table, word)).as("word %d of %s", word, table).isEqualTo(EMPTY);
          }
          if (random.nextInt(8) == 0) {
            machine.setWord(table, random.nextInt(sharing.tableBytes() / 8), 1);
            table.unlock(table.lock(), 1);
          }
          live.add(table);
        }
        assertThat(machine.tableBytes())
            .isGreaterThanOrEqualTo((long) live.size() * sharing.tableBytes());
      }
      live.forEach(random.nextBoolean() ? machine::free : machine::freeDeferred);
      grace.drain();
      machine.closeOwner();
      machine.trim();
      assertThat(machine.tableBytes()).as("tables").isZero();
      assertThat(machine.account().isZero()).as("account").isTrue();
      assertThat(machine.pageBytes()).as("pages").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aTableIsNotHandedOutAgainBeforeItsGracePeriod(Policy policy, Sharing sharing) {
    Grace grace = new Grace();
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, grace.rcu())) {
      Set<Long> waiting = new HashSet<>();
      for (int i = 0; i < 3 * sharing.fragments(); i++) {
        TableDescriptor table = machine.allocate();
        assertThat(waiting.add(table.pa())).as("%s does not wait", table).isTrue();
        machine.freeDeferred(table);
        assertThat(table.state()).isEqualTo(TableState.WAITING);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aSecondFreeIsRefused(Policy policy, Sharing sharing) {
    Grace grace = new Grace();
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, grace.rcu());
        PolicyMachine other = new PolicyMachine(policy, sharing, grace.rcu())) {
      TableDescriptor kept = machine.allocate();
      TableDescriptor table = machine.allocate();
      assertThatThrownBy(() -> other.free(table)).isInstanceOf(PageTableException.class);
      machine.free(table);
      assertThatThrownBy(() -> machine.free(table)).isInstanceOf(PageTableException.class);
      assertThat(machine.tableBytes()).isEqualTo(sharing.tableBytes());
      machine.free(kept);
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void anOwnerThatIsClosedGetsNothing(Policy policy, Sharing sharing) {
    try (PolicyMachine machine = new PolicyMachine(policy, sharing, new Grace().rcu())) {
      TableDescriptor table = machine.allocate();
      machine.closeOwner();
      assertThatThrownBy(machine::allocate).isInstanceOf(PageTableException.class);
      assertThat(machine.pageBytes()).isPositive();
      assertThat(table.state()).isEqualTo(TableState.ALLOCATED);
    }
  }
}
