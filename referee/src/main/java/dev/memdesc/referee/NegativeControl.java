package dev.memdesc.referee;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Proof that the referee can see: every bit of every item on the way to a leaf is flipped, one at a
 * time, and the probes of one leaf at least must differ, but for the bits that the guest declares
 * unseen.
 */
public final class NegativeControl {
  private static final int TRIES = 4;

  private NegativeControl() {}

  /**
   * Flips the bits of a format.
   *
   * @param backends finds the backends
   * @param name of the format
   * @param seed of everything that is chosen
   * @return each flip, in words, and whether it was noticed; empty if QEMU cannot walk the format
   * @throws PageTableException as {@link Referee#referee}; {@link Reason#INCONSISTENT} if there are
   *     mismatches without a flip
   */
  public static SortedMap<String, Boolean> run(
      Supplier<BackendRegistry> backends, String name, long seed) {
    BackendRegistry registry = backends.get();
    Selection selection;
    Guest guest;
    try {
      selection = registry.select(name);
      guest = Guests.of(registry, selection.backend());
      if (guest == null || !guest.obstacle(selection.format()).isEmpty()) {
        registry.close();
        return new TreeMap<>();
      }
    } catch (RuntimeException | Error e) {
      registry.close();
      throw e;
    }
    SortedMap<String, Boolean> noticed = new TreeMap<>();
    try (Ring ring = new Ring(registry, selection, guest, new SplittableRandom(seed))) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int sizeLg2 = 0; sizeLg2 < Long.SIZE; sizeLg2++) {
        if (selection.format().leafSizes().contains(sizeLg2) && 1L << sizeLg2 < GuestRam.BYTES) {
          new Control(ring, guest, sizeLg2, random, noticed).run();
        }
      }
    }
    return noticed;
  }

  /** Where a leaf is put. */
  private enum Where {
    FIRST,
    LAST,
    ANYWHERE
  }

  /** The ways to leaves of one size. */
  private static final class Control {
    private final Ring ring;
    private final Guest guest;
    private final TableFormat format;
    private final int sizeLg2;
    private final SplittableRandom random;
    private final Map<String, Boolean> noticed;

    Control(
        Ring ring,
        Guest guest,
        int sizeLg2,
        SplittableRandom random,
        Map<String, Boolean> noticed) {
      this.ring = ring;
      this.guest = guest;
      this.format = ring.selection().format();
      this.sizeLg2 = sizeLg2;
      this.random = random;
      this.noticed = noticed;
    }

    void run() {
      // What a right adds is seen without it, what it takes away with it; a table's length is seen
      // at its ends.
      for (Attributes attributes : ring.deck().extremes()) {
        for (Where where : Where.values()) {
          try (Bout bout = ring.newBout()) {
            long va = freeVa(where);
            long chunk = ring.data().any(random);
            bout.mapLeaf(va, chunk & -1L << sizeLg2, sizeLg2, attributes);
            flipAll(bout, va, chunk);
            if (!bout.mismatches().isEmpty()) {
              throw PageTableException.because(
                      Reason.INCONSISTENT, "only a flipped bit makes a difference")
                  .with("format", format)
                  .with("mismatch", bout.mismatches().getFirst())
                  .build();
            }
          }
        }
      }
    }

    private long freeVa(Where where) {
      for (int i = 0; ; i++) {
        long near = random.nextLong(1L << (sizeLg2 + 4));
        long va =
            switch (i < 100 ? where : Where.ANYWHERE) {
              case FIRST -> near;
              case LAST -> ~near;
              case ANYWHERE -> random.nextLong();
            };
        long page = format.va().extend(va) & -1L << sizeLg2;
        if (ring.guestMachine().canProbe(page)) {
          return page;
        }
      }
    }

    private void flipAll(Bout bout, long leafVa, long chunk) {
      long va = leafVa + (chunk & ~(-1L << sizeLg2));
      long table = bout.space().rootPa();
      for (int number = format.rootLevel(); number >= 0; number--) {
        LevelLayout level = format.level(number);
        long at = table + level.offset(va);
        long item = ring.ram().load(at);
        EntryKind kind = level.kind(item);
        long observable = Unseen.observable(guest.unseen(format), number, kind);
        for (int bit = 0; bit < Long.SIZE; bit++) {
          if ((observable >>> bit & 1) != 0) {
            String what = "leaf 2^%d, level %d, %s, bit %d".formatted(sizeLg2, number, kind, bit);
            if (!noticed.getOrDefault(what, false)) {
              noticed.put(what, isNoticed(bout, level, va, chunk, at, item, 1L << bit));
            }
          }
        }
        if (kind != EntryKind.TABLE) {
          break;
        }
        table = level.tablePa().decode(item);
      }
    }

    private boolean isNoticed(
        Bout bout, LevelLayout level, long va, long chunk, long at, long item, long bit) {
      LeafBook.Entry leaf = Objects.requireNonNull(bout.book().at(va));
      Attributes before = leaf.attributes;
      try {
        // QEMU keeps what it knows of an item only until the next batch.
        if (isSetByHardware(level, item, bit)) {
          // Nobody touches the leaf, so it must be as it was. One state of a group is that of all.
          flip(level, va, at, item, bit);
          bout.compareLeaves("control");
          flip(level, va, at, item, bit);
          return !bout.mismatches().isEmpty();
        }
        ring.ram().store(at, item ^ bit);
        boolean harmless = goesTheSameWay(level, item, item ^ bit);
        for (int i = 0; i < TRIES && bout.mismatches().isEmpty(); i++) {
          bout.probe(leaf, chunk, probe -> harmless || !probe.kind().changes());
        }
        return !bout.mismatches().isEmpty();
      } finally {
        ring.ram().store(at, item);
        leaf.attributes = before;
        bout.mismatches().clear();
      }
    }

    /** Flips a bit in every item of the leaf that an item belongs to. */
    private void flip(LevelLayout level, long va, long at, long item, long bit) {
      Leaf leaf = Objects.requireNonNull(level.leafOf(item));
      int index = level.index(va);
      for (int i = leaf.first(index); i < leaf.first(index) + leaf.items(); i++) {
        long other = at + (long) (i - index) * TableFormat.ITEM_BYTES;
        ring.ram().store(other, ring.ram().load(other) ^ bit);
      }
    }

    private boolean isSetByHardware(LevelLayout level, long item, long bit) {
      return format.capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY)
          && level.kind(item) == EntryKind.LEAF
          && ((level.accessed().mask() | level.dirty().mask()) & bit) != 0;
    }

    /** Whether an item leads where it did: else stores would hit anything, fetches run anything. */
    private static boolean goesTheSameWay(LevelLayout level, long item, long flipped) {
      EntryKind kind = level.kind(item);
      Leaf one = level.leafOf(item);
      Leaf other = level.leafOf(flipped);
      return level.kind(flipped) == kind
          && (kind == EntryKind.TABLE
              ? level.tablePa().decode(item) == level.tablePa().decode(flipped)
              : one != null
                  && other != null
                  && one.equals(other)
                  && one.pa().decode(item) == other.pa().decode(flipped));
    }
  }
}
