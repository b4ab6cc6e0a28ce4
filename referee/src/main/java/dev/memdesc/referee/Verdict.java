package dev.memdesc.referee;

import java.util.List;

/**
 * What came of refereeing one format.
 *
 * @param variant the format's name
 * @param qemu the version of QEMU; empty if there was no referee
 * @param tables address spaces that were built and walked
 * @param accesses probes whose outcome was compared
 * @param leaves leaves of which ACCESSED and DIRTY were compared, once for each batch
 * @param mismatches how many probes or leaves differed
 * @param first the first of them
 * @param seconds how long it took
 * @param unrefereed what nobody looked at; begins with {@code everything} if there was no referee
 */
public record Verdict(
    String variant,
    String qemu,
    long tables,
    long accesses,
    long leaves,
    long mismatches,
    List<Mismatch> first,
    double seconds,
    List<String> unrefereed) {
  /** Copies the lists. */
  public Verdict {
    first = List.copyOf(first);
    unrefereed = List.copyOf(unrefereed);
  }

  /** The verdict on a format that QEMU cannot walk. */
  static Verdict none(String variant, String why) {
    return new Verdict(variant, "", 0, 0, 0, 0, List.of(), 0, List.of("everything: " + why));
  }

  /** Whether QEMU walked its tables at all. */
  public boolean refereed() {
    return !qemu.isEmpty();
  }
}
