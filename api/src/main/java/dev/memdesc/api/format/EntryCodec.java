package dev.memdesc.api.format;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import java.util.List;

/**
 * What masks cannot say about a format: pure functions, called once per range and never per entry.
 */
public interface EntryCodec {
  /**
   * The bits of a leaf that say {@code attributes}: everything but the pa and the leaf's constant.
   * {@code decode(bits(a, level, leaf) | leaf.constant(), level)} equals {@code a}, with {@code
   * UNCACHED} and its like kept apart.
   *
   * @throws PageTableException with {@link Reason#ATTRIBUTE} if the format cannot say them
   */
  long bits(Attributes attributes, int level, Leaf leaf);

  /** The attributes of a LEAF item. */
  Attributes decode(long item, int level);

  /**
   * The item of a SOFT entry; {@code decodeSoft(soft(e, level), level)} equals {@code e}.
   *
   * @throws PageTableException with {@link Reason#ATTRIBUTE} if the payload does not fit
   */
  long soft(SoftEntry entry, int level);

  /** What a SOFT item stands for. */
  SoftEntry decodeSoft(long item, int level);

  /**
   * The picture of an item: fields from its highest bit to bit 0 without gap or overlap. Which
   * picture it is depends on what kind of entry the item is.
   */
  List<BitField> picture(long item, int level);
}
