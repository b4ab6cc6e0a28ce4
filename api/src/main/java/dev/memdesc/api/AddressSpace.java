package dev.memdesc.api;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;
import java.util.Optional;

/**
 * The page tables of one process or machine: the operations of a kernel's mm on one root.
 *
 * <p>An operation either does all it was asked or throws {@link PageTableException} and leaves
 * tables, translations and counters as they were. Lengths and addresses are in bytes; they are
 * multiples of the smallest leaf of the format.
 *
 * <p><b>Threads.</b> Different address spaces may be used at the same time, also on the same
 * memory. One address space is changed by one thread at a time; any number of readers may
 * translate, look up and visit meanwhile, and none of them is ever inside memory that was freed.
 */
public interface AddressSpace extends AutoCloseable {
  /** {@link #translate} of a va that no leaf covers. No format has so wide a pa. */
  long NOT_MAPPED = -1L;

  /** The format of the tables: the one that the space began with until its root grows. */
  TableFormat format();

  /** The pa of the root table. */
  long rootPa();

  /** A new gather for operations on this address space. Close it. */
  Gather gather();

  /**
   * Maps {@code length} bytes at {@code va} to those at {@code pa} with the largest legal leaves.
   *
   * <p>Equals {@link #map(long, long, long, Attributes, PageSizes, Gather)} with {@link
   * PageSizes#ANY}.
   */
  void map(long va, long pa, long length, Attributes attributes, Gather gather);

  /**
   * Maps {@code length} bytes at {@code va} to those at {@code pa}, each step with the largest leaf
   * of {@code sizes} that va, pa and the rest of the range allow and whose item is free.
   *
   * <p>Two phases: every item of the range is claimed and every missing table hooked, EMPTY, before
   * the first leaf is written. If the first phase fails, the tables it made are freed again.
   *
   * <p>An item is free if it is EMPTY, or if it leads to a table below which nothing is mapped: a
   * leaf that fits takes the place of such a table, which is freed when the gather closes.
   *
   * <p>If the range needs more va than {@link #format} has and that format {@link
   * TableFormat#growsInto} another, the root grows, a level at a time, and stays so.
   *
   * @throws PageTableException {@link Reason#ZERO_LENGTH}, {@link Reason#WRAPS}, {@link
   *     Reason#MISALIGNED}, {@link Reason#VA_OUTSIDE_FORMAT}, {@link Reason#PA_TOO_WIDE}, {@link
   *     Reason#PAGE_SIZE} if the format has none of {@code sizes} that fits, {@link
   *     Reason#ATTRIBUTE}, {@link Reason#ALREADY_MAPPED}, {@link Reason#OUT_OF_MEMORY}, {@link
   *     Reason#INVALID_ENTRY}, {@link Reason#FOREIGN} for another space's gather, {@link
   *     Reason#CLOSED}
   */
  void map(long va, long pa, long length, Attributes attributes, PageSizes sizes, Gather gather);

  /**
   * Puts the SOFT entry {@code entry} into the item of the given size at {@code va}.
   *
   * @param sizeLg2 log2 of the bytes that the item spans; the size of a leaf of one item
   * @throws PageTableException as {@link #map}
   */
  void putSoft(long va, int sizeLg2, SoftEntry entry, Gather gather);

  /**
   * Removes every leaf and SOFT entry in the range; holes are passed over. A table whose whole span
   * lies in the range is freed when the gather closes.
   *
   * @return bytes of va that had an entry
   * @throws PageTableException {@link Reason#CUTS_LARGE_LEAF} if the range begins or ends inside a
   *     leaf; otherwise as {@link #map}
   */
  long unmap(long va, long length, Gather gather);

  /**
   * Removes every leaf and SOFT entry in the range, as {@link #unmap(long, long, Gather)}, where
   * the range may begin or end inside a leaf.
   *
   * @param cut what happens to that leaf
   * @return bytes of va that had an entry; with {@link CutLeaf#WHOLE} also those outside the range
   * @throws PageTableException as {@link #unmap(long, long, Gather)}; with {@link CutLeaf#SPLIT}
   *     {@link Reason#CUTS_LARGE_LEAF} for a part of a SOFT entry or of a leaf that has no smaller
   *     ones below it, {@link Reason#OUT_OF_MEMORY}
   */
  long unmap(long va, long length, CutLeaf cut, Gather gather);

  /**
   * Gives every leaf in the range new attributes; holes and SOFT entries are passed over. ACCESSED
   * and DIRTY are added if given, never taken away: hardware may set them at any time.
   *
   * @return bytes of va whose leaf was rewritten
   * @throws PageTableException as {@link #unmap}, and {@link Reason#ATTRIBUTE}
   */
  long protect(long va, long length, Attributes attributes, Gather gather);

  /**
   * Shows the leaves in the range that were written, and makes them clean, so that the next call
   * shows those that were written since. A leaf that lies in the range in part is shown whole.
   *
   * <p>Hardware notes the next write only when it has forgotten the translation, so a leaf may be
   * written between this call and the flush of the gather and stay clean: what is done with its
   * contents is done after the flush.
   *
   * @param visitor sees leaves with the attributes that they had, DIRTY among them, in ascending
   *     order, those that join in one call; it must not throw
   * @return bytes of va whose leaf was written
   * @throws PageTableException as {@link #translate}, and {@link Reason#MISALIGNED}, {@link
   *     Reason#ZERO_LENGTH}, {@link Reason#WRAPS}; {@link Reason#ATTRIBUTE} if the format's leaves
   *     do not say what was written
   */
  long readAndClearDirty(long va, long length, MappingVisitor visitor, Gather gather);

  /**
   * Deposits one level-0 table with the level-1 table that holds the leaf at {@code va}, as the
   * kernel does for every anonymous huge page, so that a later split cannot fail for want of
   * memory. Unmapping large leaves gives back as many of the table's deposits as leaves went.
   *
   * @throws PageTableException {@link Reason#NOT_MAPPED} if no leaf of level 1 is there, {@link
   *     Reason#OUT_OF_MEMORY}, {@link Reason#CLOSED}
   */
  void deposit(long va);

  /**
   * The pa that {@code va} translates to, or {@link #NOT_MAPPED}.
   *
   * @param reader of the calling thread; the walk is one read section
   * @throws PageTableException {@link Reason#VA_OUTSIDE_FORMAT}, {@link Reason#INVALID_ENTRY},
   *     {@link Reason#CLOSED}
   */
  long translate(long va, Reader reader);

  /** The leaf that translates {@code va}. Throws as {@link #translate}. */
  Optional<Mapping> lookup(long va, Reader reader);

  /**
   * Shows everything that is mapped in the range. Throws as {@link #translate}.
   *
   * @param reader of the calling thread; the whole visit is one read section, so the visitor does
   *     not block
   */
  void visit(AddressRange range, MappingVisitor visitor, Reader reader);

  /** Shows every linked table, as {@link #visit}. */
  void visitTables(TableVisitor visitor, Reader reader);

  /** What the tables of this address space cost. */
  TableCounts counts();

  /**
   * Frees every table, the root last; their memory can be used again after a grace period ({@link
   * Rcu#barrier} waits for that). Closing again does nothing.
   */
  @Override
  void close();
}
