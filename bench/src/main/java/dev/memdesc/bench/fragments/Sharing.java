package dev.memdesc.bench.fragments;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.bench.formats.SharedPageFormat;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How many tables share a page, and where that is so. */
public enum Sharing {
  /** Two. */
  HALVES(2, 2 << 10, "s390 page tables"),
  /** Four. */
  QUARTERS(4, 1 << 10, "powerpc hash-4K, level 1"),
  /** Sixteen. */
  SIXTEENTHS(16, 4 << 10, "powerpc hash-64K"),
  /** As many as there are. */
  RADIX_64K(256, 256, "powerpc radix-64K");

  private final int fragments;
  private final int tableBytes;
  private final String like;

  Sharing(int fragments, int tableBytes, String like) {
    this.fragments = fragments;
    this.tableBytes = tableBytes;
    this.like = like;
  }

  /**
   * The one with so many tables a page.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static Sharing of(int fragments) {
    return Arrays.stream(values())
        .filter(sharing -> sharing.fragments == fragments)
        .findFirst()
        .orElseThrow(
            () ->
                PageTableException.because(
                        Reason.UNKNOWN_NAME, "so many tables share a page in one of the formats")
                    .with("n", fragments)
                    .hint(
                        "there are "
                            + Arrays.stream(values())
                                .map(sharing -> Integer.toString(sharing.fragments))
                                .collect(Collectors.joining(", ")))
                    .build());
  }

  /** How many tables share a page. */
  public int fragments() {
    return fragments;
  }

  /** Bytes of a table. */
  public int tableBytes() {
    return tableBytes;
  }

  /** Bytes of a page. */
  public int pageBytes() {
    return fragments * tableBytes;
  }

  /** Which tables of which processor. */
  public String like() {
    return like;
  }

  /** A format whose level 0 has such tables. */
  TableFormat format() {
    return SharedPageFormat.of(fragments, tableBytes);
  }
}
