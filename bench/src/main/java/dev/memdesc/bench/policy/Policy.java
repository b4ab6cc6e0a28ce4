package dev.memdesc.bench.policy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentLayout.PageChoice;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.fragment.FragmentTableMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The ways to let tables share pages. */
public enum Policy {
  /** memdesc's: the page that got a free fragment last is used first. */
  OURS("memdesc", 2, 4096),
  /** The same, but a page with few free fragments is used first. */
  OURS_FULLEST("memdesc-fullest", 2, 4096),
  /** powerpc, today. */
  BUMP("powerpc-bump", 2, 4096),
  /** s390 up to Linux 6.5. */
  HALVES("s390-6.1-halves", 2, 2),
  /** s390 in Linux 6.6. */
  ACTIVE_HALVES("s390-6.6-active", 2, 2),
  /** s390 since Linux 6.7. */
  FULL_PAGE("full-page", 2, 4096),
  /** The helper that was sketched in June 2023. */
  SKETCH("sketch-2023", 2, SketchPool.MOST_FRAGMENTS),
  /** What was proposed for s390 in June 2023 instead. */
  HEAD_BITS("hugh-hh-bits", 2, 2);

  private final String title;
  private final int fewest;
  private final int most;

  Policy(String title, int fewest, int most) {
    this.title = title;
    this.fewest = fewest;
    this.most = most;
  }

  /** Its name for options and reports. */
  public String title() {
    return title;
  }

  /** Whether it has {@code fragments} tables a page. */
  public boolean has(int fragments) {
    return fragments >= fewest && fragments <= most;
  }

  /**
   * The policy of this name.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static Policy of(String title) {
    return Arrays.stream(values())
        .filter(policy -> policy.title.equals(title))
        .findFirst()
        .orElseThrow(
            () ->
                PageTableException.because(Reason.UNKNOWN_NAME, "a policy is one that exists")
                    .with("policy", title)
                    .hint(
                        "there are "
                            + Arrays.stream(values())
                                .map(Policy::title)
                                .collect(Collectors.joining(", ")))
                    .build());
  }

  /** Table memory that works this way. */
  public TableMemory create(TableMemoryParts parts) {
    return switch (this) {
      case OURS -> new FragmentTableMemory(parts, PageChoice.NEWEST_FIRST);
      case OURS_FULLEST -> new FragmentTableMemory(parts, PageChoice.FULLEST_FIRST);
      default -> new PooledTableMemory(this, parts);
    };
  }

  /** A pool of this rival. */
  Pool newPool(
      PoolHost host, int fragments, long fragmentBytes, HardwareMemory memory, long emptyWord) {
    if (!has(fragments)) {
      throw PageTableException.because(
              Reason.INCONSISTENT, "a policy has this many tables of a page")
          .with("policy", title)
          .with("tables", fragments)
          .with("fewest", fewest)
          .with("most", most)
          .build();
    }
    return switch (this) {
      case OURS, OURS_FULLEST -> throw new IllegalStateException("ours is table memory of its own");
      case BUMP -> new BumpPool(host, fragments, fragmentBytes, BumpPool.Exit.CLEARS_ACTIVE_MARK);
      case HALVES -> new HalvesPool(host, fragmentBytes, HalvesPool.Release.TWO_STEPS);
      case ACTIVE_HALVES -> new ActiveHalvesPool(host, fragmentBytes);
      case FULL_PAGE -> new FullPagePool(host, fragmentBytes);
      case SKETCH -> new SketchPool(host, fragments, fragmentBytes, memory, emptyWord);
      case HEAD_BITS -> new HeadBitsPool(host, fragmentBytes);
    };
  }
}
