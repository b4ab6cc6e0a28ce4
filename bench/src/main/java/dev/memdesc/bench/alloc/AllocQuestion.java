package dev.memdesc.bench.alloc;

import dev.memdesc.bench.Places;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The questions about speed, and who answers each. */
enum AllocQuestion implements SpeedQuestion {
  /** Two hundred and fifty-six a page. */
  PAIR_256("pair-256", "allocate and free 256 B", 4000) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      return pairs(256, FRAME_64K, operations(), rivals);
    }
  },
  /** Two a page. */
  PAIR_2K("pair-2k", "allocate and free 2 KiB", 4000) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      return pairs(2048, FRAME_4K, operations(), rivals);
    }
  },
  /** A thousand live ones. */
  BATCH_256("batch-256", "the same, 1000 live, freed in random order, 256 B", 4000) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      return batches(256, FRAME_64K, rivals);
    }
  },
  /** A thousand live ones. */
  BATCH_2K("batch-2k", "the same, 1000 live, freed in random order, 2 KiB", 4000) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      return batches(2048, FRAME_4K, rivals);
    }
  },
  /** A producer and a consumer. */
  REMOTE_256("remote-256", "allocate, another thread frees, 256 B", 20_000) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(FragmentSides.remote(256, FRAME_64K, operations()));
      sides.addAll(rivals.remote(256, operations()));
      return sides;
    }
  },
  /** A table that fell to no entries, against clearing one. */
  REISSUE_4K("reissue-4k", "free and hand out a known-empty 4 KiB", 4096) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(FragmentSides.knownEmpty(4096, FRAME_64K, operations()));
      sides.addAll(rivals.clear("memset, L2", 512 << 10, 4096, operations()));
      sides.addAll(rivals.clear("memset, DRAM", 512 << 20, 4096, operations()));
      return sides;
    }
  },
  /** In random order over many pages. */
  DEFER_256("defer-256", "freeDeferred to the end of the grace period, 256 a page", 65_536) {
    @Override
    List<Side> sides(NativeRivals rivals) {
      int[] order = Places.shuffled(0, 0, operations()).pages();
      List<Side> sides = new ArrayList<>();
      sides.add(FragmentSides.deferred(256, FRAME_64K, order));
      sides.addAll(rivals.deferred(order));
      return sides;
    }
  };

  private static final int FRAME_4K = 12;
  private static final int FRAME_64K = 16;
  private static final int LIVE = 1000;

  private final String title;
  private final String row;
  private final int operations;

  AllocQuestion(String title, String row, int operations) {
    this.title = title;
    this.row = row;
    this.operations = operations;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public int operations() {
    return operations;
  }

  @Override
  public List<Side> sides(Path folder) {
    return sides(new NativeRivals(folder));
  }

  abstract List<Side> sides(NativeRivals rivals);

  private static List<Side> pairs(int bytes, int frameLg2, int operations, NativeRivals rivals) {
    List<Side> sides = new ArrayList<>();
    sides.add(FragmentSides.pairs(bytes, frameLg2, operations));
    sides.addAll(NettyRivals.pairs(bytes, operations));
    sides.addAll(rivals.pairs(bytes, operations));
    return sides;
  }

  private static List<Side> batches(int bytes, int frameLg2, NativeRivals rivals) {
    int[] order = Places.shuffled(0, 0, LIVE).pages();
    int rounds = 4;
    List<Side> sides = new ArrayList<>();
    sides.add(FragmentSides.batches(bytes, frameLg2, order, rounds));
    sides.addAll(NettyRivals.batches(bytes, order, rounds));
    sides.addAll(rivals.batches(bytes, order, rounds));
    return sides;
  }
}
