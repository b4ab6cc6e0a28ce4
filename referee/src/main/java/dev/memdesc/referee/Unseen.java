package dev.memdesc.referee;

import dev.memdesc.api.format.EntryKind;
import java.util.List;

/**
 * Something in a format that QEMU does not look at, so that nobody referees it.
 *
 * @param what in words, for the report
 * @param bits which bits of an item it is; the negative control flips all others
 */
public record Unseen(String what, Bits bits) {
  /** Bits of an item. */
  @FunctionalInterface
  public interface Bits {
    /** The bits of an item of a kind at a level; 0 for none. */
    long of(int level, EntryKind kind);
  }

  /** Something that is no bit of an item. */
  public static Unseen of(String what) {
    return new Unseen(what, (level, kind) -> 0);
  }

  /** Bits that are the same in every leaf. */
  public static Unseen inLeaves(String what, long bits) {
    return new Unseen(what, (level, kind) -> kind == EntryKind.LEAF ? bits : 0);
  }

  /** Bits that are the same in every TABLE entry. */
  public static Unseen inTables(String what, long bits) {
    return new Unseen(what, (level, kind) -> kind == EntryKind.TABLE ? bits : 0);
  }

  /** The bits of an item that none of a list has: what QEMU must notice. */
  public static long observable(List<Unseen> unseen, int level, EntryKind kind) {
    long hidden = 0;
    for (Unseen one : unseen) {
      hidden |= one.bits().of(level, kind);
    }
    return ~hidden;
  }
}
