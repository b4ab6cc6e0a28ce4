package dev.memdesc.referee.iommu;

import dev.memdesc.api.Hex;
import dev.memdesc.referee.iommu.DomainBook.Mapped;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.EduDevice.Transfer;
import dev.memdesc.referee.qtest.QtestBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What devices may do: reads, writes and messages, of all devices at once. */
final class Transfers {
  private static final int MESSAGES = 80;
  private static final int MOST_COUNT = 512;

  private final UnitRing ring;
  private final List<Player> players;
  private final Score score;
  private final SplittableRandom random;

  Transfers(UnitRing ring, List<Player> players, Score score, SplittableRandom random) {
    this.ring = ring;
    this.players = players;
    this.score = score;
    this.random = random;
  }

  /** What one device does in a batch. */
  private record Job(
      Player player,
      DomainBook book,
      boolean write,
      long iova,
      int count,
      int at,
      List<Piece> pieces) {}

  /** Bytes of a transfer that lie in one leaf. */
  private record Piece(Mapped leaf, long pa, int from, int count) {}

  /** One allowed transfer of each device at once; what was read is then written to its window. */
  void transfers() {
    List<Job> jobs = new ArrayList<>();
    Set<Long> used = new HashSet<>();
    for (Player player : players) {
      DomainBook book = player.book;
      if (book != null) {
        Job job = job(player, book);
        // No two in the same page: each has content of its own.
        boolean alone =
            job != null && job.pieces().stream().allMatch(one -> used.add(one.pa() >>> 12));
        if (job != null && alone) {
          jobs.add(job);
        }
      }
    }
    if (jobs.isEmpty()) {
      return;
    }
    // Which of two in one large leaf comes first is the devices' affair: reads are noted first.
    jobs.sort(Comparator.comparing(Job::write));
    jobs.forEach(this::prepare);
    EduDevice.run(jobs.stream().map(Transfers::transfer).toList());
    jobs.forEach(this::compare);
    List<Job> reads = jobs.stream().filter(job -> !job.write()).toList();
    if (!reads.isEmpty()) {
      EduDevice.run(
          reads.stream()
              .map(
                  job ->
                      Transfer.write(
                          job.player().device, job.player().window().iova, job.count(), job.at()))
              .toList());
      reads.forEach(this::compareRead);
    }
  }

  private static Transfer transfer(Job job) {
    return new Transfer(job.player().device, job.write(), job.iova(), job.count(), job.at());
  }

  private @Nullable Job job(Player player, DomainBook book) {
    boolean write = random.nextBoolean();
    Mapped leaf = book.any(!write, write);
    if (leaf == null) {
      return null;
    }
    int count = 1 + random.nextInt(random.nextInt(4) == 0 ? MOST_COUNT : 16);
    long iova = leaf.iova + leaf.inside(random, count);
    List<Piece> pieces = new ArrayList<>();
    for (int from = 0; from < count; ) {
      Mapped next = book.at(iova + from);
      if (next == null || (write ? !next.write : !next.read)) {
        return pieces.isEmpty() ? null : new Job(player, book, write, iova, from, 0, pieces);
      }
      long offset = iova + from - next.iova;
      int part = (int) Math.min(count - from, next.bytes() - offset);
      pieces.add(new Piece(next, next.pa + offset, from, part));
      from += part;
    }
    int at = random.nextInt(EduDevice.MOST_BYTES - count);
    return new Job(player, book, write, iova, count, at, pieces);
  }

  private void prepare(Job job) {
    for (Piece piece : job.pieces()) {
      byte[] fresh = new byte[piece.count()];
      random.nextBytes(fresh);
      ring.ram().store(piece.pa(), fresh);
      if (!job.write()) {
        System.arraycopy(fresh, 0, job.player().buffer, job.at() + piece.from(), piece.count());
      }
      note(job.player(), piece.leaf(), job.write());
    }
    score.tally(job.book()).dmas++;
  }

  private static void note(Player player, Mapped leaf, boolean write) {
    // QEMU 10 notes a write only where it notes an access too: after a read, or in an entry that
    // was accessed from the start, it does not (FirstStageTest shows it).
    leaf.dirty |= write && !leaf.accessed;
    leaf.seenBy.add(player.device.bdf());
    leaf.accessed = true;
    leaf.maybeDirty |= write;
  }

  private void compare(Job job) {
    if (!job.write()) {
      return;
    }
    for (Piece piece : job.pieces()) {
      byte[] found = ring.ram().load(piece.pa(), piece.count());
      int at = job.at() + piece.from();
      byte[] wanted = Arrays.copyOfRange(job.player().buffer, at, at + piece.count());
      if (!Arrays.equals(found, wanted)) {
        score.mismatch(
            job.book(),
            job.player().device
                + " writes "
                + piece.count()
                + " bytes, "
                + piece.leaf()
                + ": not at pa "
                + Hex.of(piece.pa()),
            job.iova() + piece.from());
      }
    }
  }

  private void compareRead(Job job) {
    score.tally(job.book()).dmas++;
    byte[] found = ring.ram().load(job.player().window().pa, job.count());
    byte[] wanted = Arrays.copyOfRange(job.player().buffer, job.at(), job.at() + job.count());
    if (!Arrays.equals(found, wanted)) {
      score.mismatch(
          job.book(),
          job.player().device
              + " reads "
              + job.count()
              + " bytes at "
              + Hex.of(job.iova())
              + ", "
              + job.pieces().getFirst().leaf()
              + ": not what is there",
          job.iova());
      job.player().fill(ring.ram(), random);
      score.tally(job.book()).dmas++;
    }
  }

  /** Many small writes in one batch, which are done in their order. */
  void messages() {
    QtestBatch batch = ring.guest().socket().newBatch();
    Map<Long, Integer> wanted = new LinkedHashMap<>();
    Map<Long, Runnable> complaints = new LinkedHashMap<>();
    for (int i = 0; i < MESSAGES; i++) {
      Player player = players.get(random.nextInt(players.size()));
      DomainBook book = player.book;
      Mapped leaf = book == null ? null : book.any(false, true);
      if (book == null || leaf == null) {
        continue;
      }
      long offset = leaf.inside(random, 4) & -4L;
      int value = random.nextInt(1 << 16);
      ring.ram().storeInt(leaf.pa + offset, ~value);
      player.device.message(batch, leaf.iova + offset, value);
      wanted.put(leaf.pa + offset, value);
      complaints.put(
          leaf.pa + offset,
          () ->
              score.mismatch(
                  book, player.device + " sends a message: not in " + leaf, leaf.iova + offset));
      note(player, leaf, true);
      score.tally(book).dmas++;
    }
    batch.run();
    wanted.forEach(
        (pa, value) -> {
          if (ring.ram().loadInt(pa) != value) {
            complaints.getOrDefault(pa, () -> {}).run();
          }
        });
  }
}
