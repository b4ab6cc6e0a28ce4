package dev.memdesc.core.image;

import dev.memdesc.api.format.EntryKind;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What a walk has counted at one level. */
public final class LevelCensus {
  /** What the elements of {@link #occupancy} count: tables by the share of their items in use. */
  public static final List<String> OCCUPANCY =
      List.of("empty", "to 25%", "to 50%", "to 75%", "below 100%", "100%");

  private static final int PARTS = 4;

  private final int level;
  private final int itemsPerTable;
  private final long[] items = new long[EntryKind.values().length];
  private final long[] occupancy = new long[OCCUPANCY.size()];
  private long shared;

  LevelCensus(int level, int itemsPerTable) {
    this.level = level;
    this.itemsPerTable = itemsPerTable;
  }

  void addItems(EntryKind kind, int count) {
    items[kind.ordinal()] += count;
  }

  void addTable(int used) {
    int share = used == 0 ? 0 : 1 + (int) ((used * (long) PARTS - 1) / itemsPerTable);
    occupancy[used == itemsPerTable ? occupancy.length - 1 : share]++;
  }

  void addShared() {
    shared++;
  }

  /** The level. */
  public int level() {
    return level;
  }

  /** How many tables were walked, each once. */
  public long tables() {
    return LongStream.of(occupancy).sum();
  }

  /** How many of them have EMPTY items only. */
  public long emptyTables() {
    return occupancy[0];
  }

  /** How many items led to a table that was walked already. */
  public long sharedTables() {
    return shared;
  }

  /** How many items the tables have of a kind. */
  public long items(EntryKind kind) {
    return items[kind.ordinal()];
  }

  /** How many items are not EMPTY. */
  public long usedItems() {
    return LongStream.of(items).sum() - items(EntryKind.EMPTY);
  }

  /** Tables by the share of their items that is not EMPTY, as {@link #OCCUPANCY} says. */
  public List<Long> occupancy() {
    return IntStream.range(0, occupancy.length).mapToObj(i -> occupancy[i]).toList();
  }
}
