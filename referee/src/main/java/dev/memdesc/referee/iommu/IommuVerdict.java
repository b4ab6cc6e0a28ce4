package dev.memdesc.referee.iommu;

import dev.memdesc.referee.Mismatch;
import java.util.List;

/**
 * What came of refereeing one format of an IOMMU.
 *
 * @param variant the format's name
 * @param setting which machine; empty if there was no referee
 * @param qemu the version of QEMU; empty if there was no referee
 * @param dmas transfers and messages whose outcome was compared
 * @param faults those that were to be refused, and were
 * @param mismatches how many outcomes differed
 * @param first the first of them
 * @param seconds how long it took
 * @param unrefereed what nobody looked at; begins with {@code everything} if there was no referee
 */
public record IommuVerdict(
    String variant,
    String setting,
    String qemu,
    long dmas,
    long faults,
    long mismatches,
    List<Mismatch> first,
    double seconds,
    List<String> unrefereed) {
  /** Copies the lists. */
  public IommuVerdict {
    first = List.copyOf(first);
    unrefereed = List.copyOf(unrefereed);
  }

  /** The verdict on a format that no QEMU here walks. */
  static IommuVerdict none(String variant, String why) {
    return new IommuVerdict(variant, "", "", 0, 0, 0, List.of(), 0, List.of("everything: " + why));
  }

  /** Whether QEMU walked its tables at all. */
  public boolean refereed() {
    return !qemu.isEmpty();
  }
}
