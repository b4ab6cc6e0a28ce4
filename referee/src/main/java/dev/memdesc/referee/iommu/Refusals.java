package dev.memdesc.referee.iommu;

import dev.memdesc.api.Hex;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.referee.iommu.DomainBook.Mapped;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.EduDevice.Transfer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What devices may not do: each must be recorded, and change nothing. */
final class Refusals {
  private static final int MOST_RUN = 8;

  /** Refused transfers are short: QEMU tries again for each piece of four bytes. */
  private static final int REFUSED_COUNT = 4;

  private final UnitRing ring;
  private final UnitSetting setting;
  private final List<DomainBook> books;
  private final Score score;
  private final SplittableRandom random;
  private final List<IommuFault> faults = new ArrayList<>();

  Refusals(
      UnitRing ring,
      UnitSetting setting,
      List<DomainBook> books,
      Score score,
      SplittableRandom random) {
    this.ring = ring;
    this.setting = setting;
    this.books = books;
    this.score = score;
    this.random = random;
    books.forEach(book -> book.domain().onFault(faults::add));
  }

  void random(Player player) {
    DomainBook book = player.book;
    if (book == null) {
      DomainBook any = books.get(random.nextInt(books.size()));
      refuse(
          player, any, 4L * random.nextInt(1 << 20), Cause.DETACHED, random.nextBoolean(), false);
      return;
    }
    boolean write = random.nextBoolean();
    VaRule rule = book.domain().format().va();
    switch (random.nextInt(4)) {
      case 0 -> {
        long beyond = rule.extend(random.nextLong() & -4L) ^ 1L << rule.bits();
        refuse(player, book, beyond, Cause.BEYOND, write, false);
      }
      case 1 -> {
        Mapped leaf =
            book.leaves().stream()
                .filter(one -> write ? !one.write : !one.read)
                .findAny()
                .orElse(null);
        if (leaf != null) {
          long iova = leaf.iova + (leaf.inside(random, 4) & -4L);
          // QEMU's unit does not record what it refuses by what it has cached.
          boolean silent = !leaf.seenBy.isEmpty();
          refuse(player, book, iova, Cause.PERMISSION, write, silent);
        }
      }
      default -> refuse(player, book, book.hole(), Cause.HOLE, write, false);
    }
  }

  /** A short transfer that must not happen, and whose fault must be recorded, if not silent. */
  void refuse(
      Player player, DomainBook book, long iova, Cause cause, boolean write, boolean maySilent) {
    Mapped leaf = cause == Cause.PERMISSION ? book.at(iova) : null;
    byte[] before = new byte[REFUSED_COUNT];
    random.nextBytes(before);
    if (leaf != null) {
      ring.ram().store(leaf.pa + (iova - leaf.iova), before);
    }
    EduDevice.run(List.of(new Transfer(player.device, write, iova, REFUSED_COUNT, 0)));
    score.tally(book).dmas++;
    if (!write) {
      Arrays.fill(player.buffer, 0, REFUSED_COUNT, (byte) 0);
    }
    if (leaf != null
        && !Arrays.equals(ring.ram().load(leaf.pa + (iova - leaf.iova), REFUSED_COUNT), before)) {
      score.mismatch(book, player.device + " wrote in spite of " + leaf, iova);
    }
    List<IommuFault> found = poll();
    if (found.isEmpty()) {
      if (!maySilent && setting.recorded(cause, iova)) {
        score.mismatch(
            book,
            "no fault: %s, %s at %s, %s"
                .formatted(cause, player.device, Hex.of(iova), write ? "write" : "read"),
            iova);
      }
      return;
    }
    score.tally(book).faults++;
    long page = -1L << book.domain().format().frameLg2();
    boolean where = setting.saysWhere(cause);
    for (IommuFault fault : found) {
      String wrong =
          fault.device() != player.device.bdf()
              ? "another device"
              : where && fault.write() != write
                  ? "another direction"
                  : where && (fault.iova() & page) != (iova & page)
                      ? "another page"
                      : setting.wrong(cause, fault);
      if (!wrong.isEmpty()) {
        score.mismatch(
            book,
            "%s, %s at %s: %s: %s".formatted(cause, player.device, Hex.of(iova), fault, wrong),
            iova);
      }
    }
  }

  private List<IommuFault> poll() {
    faults.clear();
    ring.iommu().pollFaults(faults::add);
    return List.copyOf(faults);
  }

  void expectNoFault(String when) {
    for (IommuFault fault : poll()) {
      score.mismatch(books.getFirst(), "a fault " + when + ": " + fault, 0);
    }
  }

  /** Until the gather is flushed the page belongs to the device; afterwards it does not. */
  void stale(Player player) {
    DomainBook book = player.book;
    if (book == null) {
      return;
    }
    List<Mapped> run = book.mapRun(1 + random.nextInt(MOST_RUN));
    book.gather().flush();
    run.forEach(page -> writeStale(player, book, page, "a page that was just mapped", false));
    book.unmapRun(run);
    Mapped one = run.get(random.nextInt(run.size()));
    writeStale(player, book, one, "a page that was unmapped and not invalidated", true);
    book.gather().flush();
    for (Mapped page : run) {
      refuse(player, book, page.iova, Cause.HOLE, random.nextBoolean(), false);
    }
  }

  /** A unit may forget by itself: QEMU's SMMUv3 forgets everything when its cache is full. */
  private void writeStale(
      Player player, DomainBook book, Mapped page, String what, boolean mayForget) {
    ring.ram().store(page.pa, ~0L);
    EduDevice.run(List.of(Transfer.write(player.device, page.iova, 8, 16)));
    score.tally(book).dmas++;
    boolean reached =
        Arrays.equals(ring.ram().load(page.pa, 8), Arrays.copyOfRange(player.buffer, 16, 24));
    if (!reached && !(mayForget && !poll().isEmpty())) {
      score.mismatch(book, player.device + " does not reach " + what + ", " + page, page.iova);
    }
  }
}
