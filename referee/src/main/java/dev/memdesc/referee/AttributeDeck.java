package dev.memdesc.referee;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * All attributes that a format can express, dealt one after the other in a random order: every
 * access right, memory type and protection key, with random software bits.
 */
final class AttributeDeck {
  private static final int ALL_ACCESS = 1 << Access.values().length;
  private static final int KEYS = 16;
  private static final int SOFTWARE_BITS = 10;

  private final TableFormat format;
  private final SplittableRandom random;
  private final List<Attributes> cards = new ArrayList<>();
  private int next;

  AttributeDeck(TableFormat format, SplittableRandom random) {
    this.format = format;
    this.random = random;
    for (int access = 0; access < ALL_ACCESS; access++) {
      for (MemoryType type : MemoryType.values()) {
        for (int key = 0; key < KEYS; key++) {
          Attributes attributes = new Attributes(access, type, key, 0);
          if (isExpressible(attributes)) {
            cards.add(attributes);
          }
        }
      }
    }
    if (cards.isEmpty()) {
      throw new IllegalStateException("a format can express some attributes: format=" + format);
    }
    for (int i = cards.size() - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      Attributes card = cards.get(i);
      cards.set(i, cards.get(other));
      cards.set(other, card);
    }
  }

  /** How many there are, without software bits. */
  int size() {
    return cards.size();
  }

  /**
   * With and without ACCESSED and DIRTY: the one with least rights, the one with most, and the one
   * with most of those that are not the user's.
   */
  List<Attributes> extremes() {
    int noted = Access.ACCESSED.bit() | Access.DIRTY.bit();
    Set<Attributes> extremes = new LinkedHashSet<>();
    for (int state : new int[] {0, noted}) {
      List<Attributes> some =
          cards.stream()
              .filter(card -> (card.access() & noted) == state && card.protectionKey() == 0)
              .sorted(Comparator.comparingInt(card -> Integer.bitCount(card.access())))
              .toList();
      List<Attributes> kernel = some.stream().filter(card -> !card.has(Access.USER)).toList();
      if (!some.isEmpty()) {
        extremes.add(some.getLast());
        extremes.add(kernel.isEmpty() ? some.getFirst() : kernel.getLast());
        extremes.add(some.getFirst());
      }
    }
    return List.copyOf(extremes);
  }

  /** The next card. */
  Attributes deal() {
    Attributes card = cards.get(next++ % cards.size());
    int software = random.nextInt(1 << random.nextInt(SOFTWARE_BITS + 1));
    Attributes more = card.withSoftware(software);
    return isExpressible(more) ? more : card;
  }

  /** Whether leaves of every size have them: asked once, so that a refusal later is a mistake. */
  private boolean isExpressible(Attributes attributes) {
    try {
      for (int number = 0; number <= format.rootLevel(); number++) {
        LevelLayout level = format.level(number);
        for (Leaf leaf : level.leaves()) {
          format.codec().bits(attributes, number, leaf);
        }
      }
      return true;
    } catch (PageTableException e) {
      return false;
    }
  }
}
