package dev.memdesc.referee.iommu;

import dev.memdesc.api.Access;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.referee.iommu.DomainBook.Mapped;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Random domains of every format of a setting, devices that move between them, and rounds of
 * transfers and messages whose outcomes are compared with the books. Before each one memory is
 * given random content, and afterwards exactly what should have moved must have.
 */
final class DmaBout implements AutoCloseable {
  private static final int DOMAINS_PER_FORMAT = 2;
  private static final int FIRST_CHANGES = 24;
  private static final int CHANGES = 3;
  private static final int BATCHES = 12;
  private static final int REFUSALS = 8;

  private final UnitRing ring;
  private final UnitSetting setting;
  private final SplittableRandom random;
  private final List<DomainBook> books = new ArrayList<>();
  private final List<Player> players = new ArrayList<>();
  private final Score score;
  private final Transfers transfers;
  private final Refusals refusals;

  DmaBout(UnitRing ring, UnitSetting setting, SplittableRandom random) {
    this.ring = ring;
    this.setting = setting;
    this.random = random;
    long dataEnd = ring.ram().firstPa() + ring.ram().bytes();
    for (String format : setting.formats()) {
      for (int i = 0; i < DOMAINS_PER_FORMAT; i++) {
        IommuDomain domain = ring.iommu().newDomain(format + " " + i, format);
        DomainBook book = new DomainBook(domain, ring.dataPa(), dataEnd, random.split());
        books.add(book);
        for (int change = 0; change < FIRST_CHANGES; change++) {
          book.change();
        }
      }
    }
    ring.devices().forEach(device -> players.add(new Player(device)));
    this.score = new Score(setting, ring.ram());
    this.transfers = new Transfers(ring, players, score, random);
    this.refusals = new Refusals(ring, setting, books, score, random);
    // One is in no domain.
    for (int i = 1; i < players.size(); i++) {
      join(players.get(i), books.get(i % books.size()));
    }
  }

  Score score() {
    return score;
  }

  private void join(Player player, DomainBook book) {
    player.join(book);
    player.fill(ring.ram(), random);
    score.tally(book).dmas++;
  }

  /** One round; returns how many DMAs it did. */
  long round() {
    long before = score.total();
    for (DomainBook book : books) {
      for (int i = 0; i < CHANGES; i++) {
        book.change();
      }
    }
    probeOnly();
    for (int i = 0; i < REFUSALS; i++) {
      refusals.random(players.get(random.nextInt(players.size())));
    }
    refusals.stale(players.get(random.nextInt(players.size())));
    move();
    return score.total() - before;
  }

  /** What is allowed, without a change of the domains. */
  void probeOnly() {
    for (int i = 0; i < BATCHES; i++) {
      transfers.transfers();
    }
    transfers.messages();
    refusals.expectNoFault("after what is allowed");
  }

  /** The pa of the item of a level on the way to each leaf below or at it, each once. */
  List<Long> items(int level) {
    Set<Long> items = new LinkedHashSet<>();
    for (DomainBook book : books) {
      TableFormat format = book.domain().format();
      for (Mapped leaf : book.leaves()) {
        long table = book.domain().rootPa();
        for (int at = format.rootLevel(); at > level; at--) {
          LevelLayout layout = format.level(at);
          long item = ring.ram().load(table + layout.offset(leaf.iova));
          if (layout.kind(item) != EntryKind.TABLE) {
            table = -1;
            break;
          }
          table = layout.tablePa().decode(item);
        }
        if (table != -1) {
          items.add(table + format.level(level).offset(leaf.iova));
        }
      }
    }
    return List.copyOf(items);
  }

  private void move() {
    Player player = players.get(random.nextInt(players.size()));
    DomainBook book = player.book;
    if (book == null) {
      join(player, books.get(random.nextInt(books.size())));
    } else {
      player.leave(book);
      refusals.refuse(
          player, book, 4L * random.nextInt(1 << 20), Cause.DETACHED, random.nextBoolean(), false);
      if (players.stream().filter(one -> one.book == null).count() > 2) {
        join(player, books.get(random.nextInt(books.size())));
      }
    }
  }

  /** Compares what the unit noted in leaves. */
  void finish() {
    if (setting.setsStates()) {
      books.forEach(this::compareStates);
    }
  }

  private void compareStates(DomainBook book) {
    for (Mapped leaf : book.leaves()) {
      book.domain()
          .lookup(leaf.iova, ring.reader())
          .ifPresentOrElse(
              found -> {
                boolean accessed = found.attributes().has(Access.ACCESSED);
                boolean dirty = found.attributes().has(Access.DIRTY);
                if (accessed != leaf.accessed
                    || (leaf.dirty && !dirty)
                    || (dirty && !leaf.maybeDirty)) {
                  score.mismatch(book, leaf + " is " + found.attributes(), leaf.iova);
                }
              },
              () -> score.mismatch(book, leaf + " is not there", leaf.iova));
    }
  }

  @Override
  public void close() {
    books.forEach(DomainBook::close);
  }
}
