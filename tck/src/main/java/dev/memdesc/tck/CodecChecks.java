package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.tck.Subject.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sentences of {@link dev.memdesc.api.format.EntryCodec}, for all that it can be asked. */
final class CodecChecks {
  private CodecChecks() {}

  static void addTo(Map<String, Consumer<Subject>> checks) {
    checks.put("all attributes come back as they went in, or are refused", CodecChecks::attributes);
    checks.put("user data can be said in every leaf", CodecChecks::userData);
    checks.put("protection keys and software bits are apart from all else", CodecChecks::apart);
    checks.put("an accessed or dirty leaf says so", CodecChecks::states);
    checks.put("SOFT entries come back as they went in, or are refused", CodecChecks::soft);
    checks.put("the picture of an item has every bit once", CodecChecks::pictures);
  }

  /** The item of a leaf at pa 0, or null if the format cannot say these attributes. */
  private static @Nullable Long item(Subject subject, Place place, Attributes attributes) {
    Leaf leaf = place.leaf();
    try {
      return leaf.constant() | subject.format().codec().bits(attributes, place.level(), leaf);
    } catch (PageTableException e) {
      assertThat(e.reason()).as(e.toString()).isEqualTo(Reason.ATTRIBUTE);
      return null;
    }
  }

  private static void attributes(Subject subject) {
    for (Place place : subject.leaves()) {
      int said = 0;
      for (int access = 0; access < 1 << Access.values().length; access++) {
        for (MemoryType type : MemoryType.values()) {
          Attributes attributes = Attributes.ofBits(access).with(type);
          Long item = item(subject, place, attributes);
          if (item != null) {
            comesBack(subject, place, attributes, item);
            said++;
          }
        }
      }
      assertThat(said).as("%s can say something", place).isPositive();
    }
  }

  private static void comesBack(Subject subject, Place place, Attributes attributes, long item) {
    TableFormat format = subject.format();
    Leaf leaf = place.leaf();
    Bits.same(
        "the pa's bits of %s, %s".formatted(place, attributes),
        place.layout(),
        item & ~leaf.constant() & leaf.pa().itemMask(),
        0);
    // Whatever the pa, it is a leaf of this kind and says the same.
    for (long pa : new long[] {0, subject.paEnd() - place.bytes()}) {
      long one = item | leaf.pa().encode(pa);
      String what = "%s %s, %s".formatted(place, attributes, Bits.item(place.layout(), one));
      assertThat(place.layout().leafOf(one)).as(what).isEqualTo(leaf);
      assertThat(place.layout().kind(one)).as(what).isEqualTo(EntryKind.LEAF);
      Attributes again = format.codec().decode(one, place.level());
      if (!again.equals(attributes)) {
        Long other = item(subject, place, again);
        throw new AssertionError(
            "%s: is read as %s%s"
                .formatted(
                    what,
                    again,
                    other == null
                        ? ""
                        : ", whose item differs in bits " + Bits.runs(other ^ item)));
      }
    }
  }

  private static void userData(Subject subject) {
    for (Place place : subject.leaves()) {
      assertThat(item(subject, place, Subject.RW)).as(place.toString()).isNotNull();
    }
  }

  private static void apart(Subject subject) {
    for (Place place : subject.leaves()) {
      List<Attributes> wanted = new ArrayList<>();
      for (int key = 1; key < 16; key++) {
        wanted.add(Subject.RW.withProtectionKey(key));
      }
      for (int bit = 0; bit < 31; bit++) {
        wanted.add(Subject.RW.withSoftware(1 << bit));
      }
      wanted.add(Subject.RW.withSoftware(Integer.MAX_VALUE).withProtectionKey(15));
      for (Attributes attributes : wanted) {
        Long item = item(subject, place, attributes);
        if (item != null) {
          comesBack(subject, place, attributes, item);
        }
      }
    }
  }

  private static void states(Subject subject) {
    TableFormat format = subject.format();
    for (Place place : subject.leaves()) {
      LevelLayout layout = place.layout();
      Long clean = item(subject, place, Subject.RW);
      Long accessed = item(subject, place, Subject.RW.with(Access.ACCESSED));
      Long dirty = item(subject, place, Subject.RW.with(Access.ACCESSED, Access.DIRTY));
      if (clean != null && accessed != null && accessed.longValue() != clean) {
        assertThat(layout.accessed().passes(accessed))
            .as("%s accessed, %s", place, Bits.item(layout, accessed))
            .isTrue();
        assertThat(layout.accessed().passes(clean))
            .as("%s not accessed, %s", place, Bits.item(layout, clean))
            .isFalse();
        assertThat(format.codec().decode(layout.accessed().make(clean), place.level()))
            .isEqualTo(Subject.RW.with(Access.ACCESSED));
      }
      if (accessed != null && dirty != null) {
        assertThat(layout.isDirty(dirty))
            .as("%s dirty, %s", place, Bits.item(layout, dirty))
            .isTrue();
        assertThat(layout.isDirty(accessed))
            .as("%s clean, %s", place, Bits.item(layout, accessed))
            .isFalse();
        assertThat(format.codec().decode(layout.makeDirty(accessed), place.level()))
            .isEqualTo(Subject.RW.with(Access.ACCESSED, Access.DIRTY));
      }
    }
  }

  private static void soft(Subject subject) {
    for (Place place : subject.leaves()) {
      if (place.leaf().itemsLg2() > 0) {
        continue;
      }
      for (SoftEntry.Kind kind : SoftEntry.Kind.values()) {
        boolean isPa = kind == SoftEntry.Kind.PROT_NONE;
        for (int bit = 0; bit < 63; bit++) {
          softComesBack(subject, place, new SoftEntry(kind, 1L << bit));
        }
        softComesBack(subject, place, new SoftEntry(kind, isPa ? place.bytes() * 3 : 3));
        softComesBack(subject, place, new SoftEntry(kind, 0));
        Subject.refused(
            Reason.ATTRIBUTE,
            () -> subject.format().codec().soft(new SoftEntry(kind, -1L), place.level()));
      }
    }
  }

  private static void softComesBack(Subject subject, Place place, SoftEntry entry) {
    long item;
    try {
      item = subject.format().codec().soft(entry, place.level());
    } catch (PageTableException e) {
      assertThat(e.reason()).isEqualTo(Reason.ATTRIBUTE);
      return;
    }
    String what =
        "%s %s with payload %s, %s"
            .formatted(
                place, entry.kind(), Hex.of(entry.payload()), Bits.item(place.layout(), item));
    assertThat(place.layout().kind(item)).as(what).isEqualTo(EntryKind.SOFT);
    SoftEntry again = subject.format().codec().decodeSoft(item, place.level());
    Bits.same(what + ", payload", place.layout(), again.payload(), entry.payload());
    assertThat(again).as(what).isEqualTo(entry);
  }

  private static void pictures(Subject subject) {
    SplittableRandom random = RangeChecks.random(subject, "pictures");
    for (int level = 0; level <= subject.format().rootLevel(); level++) {
      LevelLayout layout = subject.format().level(level);
      picture(subject, layout.emptyItem(), level);
      picture(subject, layout.tableItem(0), level);
      for (int i = 0; i < 500; i++) {
        long item = random.nextLong() & (i % 2 == 0 ? -1L : random.nextLong());
        picture(subject, item & itemMask(subject), level);
      }
    }
    for (Place place : subject.leaves()) {
      long bits = subject.format().codec().bits(Subject.RW, place.level(), place.leaf());
      picture(subject, place.leaf().constant() | bits, place.level());
    }
  }

  /** The bits that an item has. */
  static long itemMask(Subject subject) {
    return -1L >>> (Long.SIZE - Byte.SIZE * subject.format().itemBytes());
  }

  private static void picture(Subject subject, long item, int level) {
    int next = Byte.SIZE * subject.format().itemBytes() - 1;
    for (BitField field : subject.format().codec().picture(item, level)) {
      assertThat(field.high())
          .as("%s of %s in %s", field.name(), level, Hex.of(item))
          .isEqualTo(next);
      assertThat(field.low()).isBetween(0, field.high());
      assertThat(field.name()).isNotEmpty();
      assertThat(field.meaning().apply(field.value(item))).isNotNull();
      next = field.low() - 1;
    }
    assertThat(next).as("bits down to 0 of level %d in %s", level, Hex.of(item)).isEqualTo(-1);
  }
}
