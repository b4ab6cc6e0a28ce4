package dev.memdesc.cli;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.List;

/**
 * The attributes that come closest to a mapping's in a format: not every format notes accesses, or
 * tells the user from the kernel in its entries. What a leaf says changes nothing in what it costs.
 */
public final class ExpressibleAttributes {
  private ExpressibleAttributes() {}

  /**
   * The first of these that all leaves of the format can have: the attributes themselves; without
   * accessed and dirty; with USER; both. If there is none, those of user data.
   */
  public static Attributes of(TableFormat format, Attributes wanted) {
    Attributes bare = wanted.without(Access.ACCESSED, Access.DIRTY);
    for (Attributes attributes :
        List.of(wanted, bare, wanted.with(Access.USER), bare.with(Access.USER))) {
      if (canSay(format, attributes)) {
        return attributes;
      }
    }
    return Attributes.USER_DATA;
  }

  private static boolean canSay(TableFormat format, Attributes attributes) {
    for (int level = 0; level <= format.rootLevel(); level++) {
      LevelLayout layout = format.level(level);
      for (Leaf leaf : layout.leaves()) {
        try {
          format.codec().bits(attributes, level, leaf);
        } catch (PageTableException e) {
          if (e.reason() != Reason.ATTRIBUTE) {
            throw e;
          }
          return false;
        }
      }
    }
    return true;
  }
}
