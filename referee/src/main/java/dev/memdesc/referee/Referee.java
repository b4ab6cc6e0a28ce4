package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Referees formats: builds random address spaces of each and has QEMU walk them. */
public final class Referee {
  private static final int SHOWN = 5;
  private static final int FIRST_STEPS = 40;
  private static final int ROUNDS = 4;
  private static final int MORE_STEPS = 12;
  private static final double NANOS = 1e9;

  private final Supplier<BackendRegistry> backends;
  private final int tables;
  private final long seed;

  /**
   * A referee.
   *
   * @param backends finds the backends again for each format
   * @param tables how many address spaces of each format
   * @param seed of everything that is chosen; formats do not depend on each other
   */
  public Referee(Supplier<BackendRegistry> backends, int tables, long seed) {
    this.backends = backends;
    this.tables = tables;
    this.seed = seed;
  }

  /**
   * Referees a format.
   *
   * @param progress gets how many tables are done
   * @throws PageTableException with {@link Reason#TOOL} if QEMU is missing, of another major
   *     version, or ends; {@link Reason#UNKNOWN_NAME}
   */
  public Verdict referee(String name, IntConsumer progress) {
    long begin = System.nanoTime();
    BackendRegistry registry = backends.get();
    Selection selection;
    Guest guest;
    String obstacle;
    try {
      selection = registry.select(name);
      guest = Guests.of(registry, selection.backend());
      obstacle =
          guest == null
              ? "no guest for " + selection.backend().name()
              : guest.obstacle(selection.format());
    } catch (RuntimeException | Error e) {
      registry.close();
      throw e;
    }
    if (guest == null || !obstacle.isEmpty()) {
      registry.close();
      return Verdict.none(selection.format().name(), obstacle);
    }
    return referee(registry, selection, guest, begin, progress);
  }

  private Verdict referee(
      BackendRegistry registry,
      Selection selection,
      Guest guest,
      long begin,
      IntConsumer progress) {
    TableFormat format = selection.format();
    SplittableRandom random = new SplittableRandom(seed ^ format.name().hashCode());
    long accesses = 0;
    long leaves = 0;
    long mismatches = 0;
    List<Mismatch> first = new ArrayList<>();
    try (Ring ring = new Ring(registry, selection, guest, random)) {
      for (int table = 1; table <= tables; table++) {
        try (Bout bout = ring.newBout()) {
          bout.change(FIRST_STEPS);
          for (int round = 0; round < ROUNDS; round++) {
            bout.probe();
            bout.change(MORE_STEPS);
          }
          bout.probe();
          accesses += bout.accesses();
          leaves += bout.leaves();
          mismatches += bout.mismatches().size();
          bout.mismatches().stream().limit(SHOWN - first.size()).forEach(first::add);
        }
        progress.accept(table);
      }
    }
    return new Verdict(
        format.name(),
        Qemu.find(guest.machine(format).program()).version(),
        tables,
        accesses,
        leaves,
        mismatches,
        first,
        (System.nanoTime() - begin) / NANOS,
        guest.unseen(format).stream().map(Unseen::what).toList());
  }
}
