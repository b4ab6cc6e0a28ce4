package dev.memdesc.referee;

import dev.memdesc.api.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * How the guest's registers stand during a batch, and what the manual says must follow from it.
 * This is where permissions are written down a second time, without a look at any bit of an item.
 */
public interface Regime {
  /** The settings that matter, in a few words. */
  String title();

  /** The words of the mailbox from its fourth on. */
  long[] registers();

  /**
   * What a probe must give.
   *
   * @param page what is at its va; null for a hole, a SOFT entry or a va outside the format
   * @param stopLevel the lowest level that has a table for the va: where a walk that finds nothing
   *     ends
   */
  Outcome expect(Probe probe, @Nullable Page page, int stopLevel);

  /**
   * The attributes of a page after a probe: with what hardware sets.
   *
   * @param outcome what {@link #expect} said
   */
  default Attributes after(Probe probe, Page page, Outcome outcome) {
    return page.attributes();
  }

  /** Whether the processor can do such a probe under this regime. */
  default boolean can(Probe probe) {
    return probe.kind().touches();
  }
}
