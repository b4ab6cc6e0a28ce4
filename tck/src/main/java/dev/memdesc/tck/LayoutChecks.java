package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.Subject.Place;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A format's geometry and addresses, without tables: brute force beside every formula. */
final class LayoutChecks {
  private LayoutChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("every va bit is decoded once, by one level or as an offset", LayoutChecks::radix);
    checks.put("the va rule allows what it extends to", LayoutChecks::vaRule);
    checks.put("every size exists once, from the frame up, inside a table", LayoutChecks::sizes);
    checks.put("the best leaf size is the one that trying all finds", LayoutChecks::bestSize);
    checks.put("a table entry holds every pa that a table can have", LayoutChecks::tableEntries);
    checks.put("a leaf holds every pa, in each of its items", LayoutChecks::leafAddresses);
    checks.put("an item is of one kind only", LayoutChecks::kinds);
    checks.put("a format grows into one that has its levels and more va", LayoutChecks::growth);
  }

  private static void radix(Subject subject) {
    TableFormat format = subject.format();
    for (int bit = 0; bit < 64; bit++) {
      int decoded = bit < format.frameLg2() ? 1 : 0;
      for (LevelLayout level : format.levels()) {
        int index = level.index(1L << bit);
        assertThat(level.offset(1L << bit)).isEqualTo((long) index * format.itemBytes());
        if (index != 0) {
          decoded++;
          assertThat(index).as("bit %d", bit).isEqualTo(1 << (bit - level.shift()));
        }
      }
      assertThat(decoded).as("bit %d", bit).isEqualTo(bit < format.va().bits() ? 1 : 0);
    }
    SplittableRandom random = RangeChecks.random(subject, "radix");
    for (int i = 0; i < 1000; i++) {
      long va = format.va().extend(random.nextLong());
      long again = va & (subject.frame() - 1);
      for (LevelLayout level : format.levels()) {
        again |= (long) level.index(va) << level.shift();
      }
      assertThat(format.va().extend(again)).isEqualTo(va);
    }
  }

  private static void vaRule(Subject subject) {
    TableFormat format = subject.format();
    SplittableRandom random = RangeChecks.random(subject, "va rule");
    for (int i = 0; i < 1000; i++) {
      long any = i < 64 ? 1L << i : random.nextLong();
      long legal = format.va().extend(any);
      assertThat(format.va().allows(legal)).as(Hex.of(legal)).isTrue();
      assertThat(format.va().allows(any)).as(Hex.of(any)).isEqualTo(legal == any);
    }
  }

  private static void sizes(Subject subject) {
    int before = subject.format().frameLg2() - 1;
    for (Place place : subject.leaves()) {
      int sizeLg2 = place.leaf().sizeLg2();
      assertThat(sizeLg2).as("%s: larger than the one before", place).isGreaterThan(before);
      assertThat(sizeLg2).as("%s: inside its table", place).isLessThan(place.layout().spanLg2());
      before = sizeLg2;
    }
    assertThat(subject.format().leafSizes().smallestLg2()).isEqualTo(subject.format().frameLg2());
  }

  private static void bestSize(Subject subject) {
    PageSizes all = subject.format().leafSizes();
    SplittableRandom random = RangeChecks.random(subject, "best size");
    for (int i = 0; i < 20_000; i++) {
      PageSizes sizes = new PageSizes(i % 3 == 0 ? all.bitmap() & random.nextLong() : all.bitmap());
      long va = -1L << random.nextInt(64) & random.nextLong();
      long pa = random.nextInt(4) == 0 ? random.nextLong() : va;
      long last = va + (random.nextLong() >>> random.nextInt(64));
      if (Long.compareUnsigned(last, va) < 0) {
        last = -1L;
      }
      assertThat(sizes.bestLg2(va, pa, last)).isEqualTo(ReferenceMap.bestLg2(sizes, va, pa, last));
    }
  }

  private static void tableEntries(Subject subject) {
    TableFormat format = subject.format();
    for (int level = 1; level <= format.rootLevel(); level++) {
      LevelLayout layout = format.level(level);
      int alignLg2 = format.level(level - 1).table().alignLg2();
      for (int bit = alignLg2; bit < format.paBits(); bit++) {
        checkTable(layout, 1L << bit);
        checkTable(layout, (1L << bit) - 1 & -1L << alignLg2);
      }
      checkTable(layout, subject.paEnd() - (1L << alignLg2));
    }
  }

  private static void checkTable(LevelLayout layout, long pa) {
    long item = layout.tableItem(pa);
    assertThat(layout.kind(item))
        .as("%s for a table at %s", Bits.item(layout, item), Hex.of(pa))
        .isEqualTo(EntryKind.TABLE);
    Bits.same("the pa of a table in an item", layout, layout.tablePa().decode(item), pa);
    // Installing again gives the same item, and clearing gives EMPTY.
    Bits.same(
        "the item of the same table",
        layout,
        layout.tableItem(layout.tablePa().decode(item)),
        item);
    assertThat(layout.kind(layout.emptyItem()))
        .as(Bits.item(layout, layout.emptyItem()))
        .isEqualTo(EntryKind.EMPTY);
  }

  private static void leafAddresses(Subject subject) {
    for (Place place : subject.leaves()) {
      long end = subject.paEnd();
      checkLeaf(subject, place, 0);
      checkLeaf(subject, place, end - place.bytes());
      for (int bit = place.leaf().sizeLg2(); bit < subject.format().paBits(); bit++) {
        checkLeaf(subject, place, 1L << bit);
      }
    }
  }

  private static void checkLeaf(Subject subject, Place place, long pa) {
    Leaf leaf = place.leaf();
    long bits = leaf.constant() | subject.format().codec().bits(Subject.RW, place.level(), leaf);
    long first = bits | leaf.pa().encode(pa);
    for (int i = 0; i < leaf.items(); i++) {
      long item = first + i * leaf.itemStride();
      long offset = (long) i << place.layout().shift();
      String what = "item %d of a %s at pa %s, ".formatted(i, place, Hex.of(pa));
      assertThat(place.layout().leafOf(item))
          .as(what + Bits.item(place.layout(), item))
          .isEqualTo(leaf);
      Bits.same(
          what + "the pa it translates to",
          place.layout(),
          leaf.translate(item, offset | 5),
          pa + offset + 5);
      Bits.same(
          what + "the bits beside the pa",
          place.layout(),
          item & ~leaf.pa().itemMask(),
          bits & ~leaf.pa().itemMask());
    }
  }

  private static void kinds(Subject subject) {
    SplittableRandom random = RangeChecks.random(subject, "kinds");
    for (int level = 0; level <= subject.format().rootLevel(); level++) {
      LevelLayout layout = subject.format().level(level);
      for (int i = 0; i < 5000; i++) {
        long item = random.nextLong() & (i % 2 == 0 ? -1L : random.nextLong());
        long leaves = layout.leaves().stream().filter(leaf -> leaf.test().passes(item)).count();
        boolean table = layout.isTable().passes(item);
        // TABLE is tested first, so a leaf's test may pass a table's item too (RISC-V)...
        assertThat(leaves).as("%s is one leaf", Bits.item(layout, item)).isLessThanOrEqualTo(1);
        assertThat(level == 0 && table)
            .as("level 0 has no tables, %s", Bits.item(layout, item))
            .isFalse();
      }
    }
    // ... but no leaf that a codec makes may be a TABLE entry.
    for (Place place : subject.leaves()) {
      long item =
          place.leaf().constant()
              | subject.format().codec().bits(Subject.RW, place.level(), place.leaf());
      assertThat(place.layout().kind(item))
          .as("%s, %s", place, Bits.item(place.layout(), item))
          .isEqualTo(EntryKind.LEAF);
    }
  }

  private static void growth(Subject subject) {
    TableFormat next = subject.format().growsInto();
    if (next == null) {
      assertThat(subject.format().largest()).isEqualTo(subject.format());
      return;
    }
    assertThat(next.va().bits()).isGreaterThan(subject.format().va().bits());
    assertThat(next.levels()).startsWith(subject.format().levels().toArray(LevelLayout[]::new));
    assertThat(subject.backend().variants()).as("it can be asked for by name").contains(next);
  }
}
