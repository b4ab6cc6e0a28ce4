package dev.memdesc.referee.iommu;

import dev.memdesc.referee.Explanation;
import dev.memdesc.referee.GuestRam;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What came of a setting's formats so far. */
final class Score {
  private final String title;
  private final GuestRam ram;
  private final Map<String, Tally> tallies = new LinkedHashMap<>();

  Score(UnitSetting setting, GuestRam ram) {
    this.title = setting.title();
    this.ram = ram;
    setting.formats().forEach(format -> tallies.put(format, new Tally()));
  }

  /** What came of one format. */
  static final class Tally {
    long dmas;
    long faults;
    final List<String> mismatches = new ArrayList<>();
  }

  Tally tally(String format) {
    return Objects.requireNonNull(tallies.get(format));
  }

  boolean enough(long dmas) {
    return tallies.values().stream().allMatch(one -> one.dmas >= dmas);
  }

  Tally tally(DomainBook book) {
    return tally(book.domain().format().name());
  }

  /** Notes that QEMU saw something else at an iova of a domain. */
  void mismatch(DomainBook book, String what, long iova) {
    tally(book)
        .mismatches
        .add(
            "%s, %s, %s%n%s"
                .formatted(
                    title,
                    book.domain().name(),
                    what,
                    Explanation.of(book.domain().format(), ram, book.domain().rootPa(), iova)));
  }

  /** How many DMAs there were. */
  long total() {
    return tallies.values().stream().mapToLong(one -> one.dmas).sum();
  }
}
