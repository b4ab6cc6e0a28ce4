package dev.memdesc.core.space;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.SoftEntry;
import org.jspecify.annotations.Nullable;

/**
 * Joins leaves that follow each other, in va and pa, of one size and with the same attributes into
 * one call of a visitor.
 */
public final class LeafRuns {
  private final MappingVisitor visitor;
  private @Nullable Attributes attributes;
  private long va;
  private long last;
  private long pa;
  private int sizeLg2;

  /** Nothing is waiting yet. */
  public LeafRuns(MappingVisitor visitor) {
    this.visitor = visitor;
  }

  /** The next leaf, or a part of one, in ascending order of va. */
  public void leaf(
      long leafVa, long leafLast, long leafPa, int leafSizeLg2, Attributes leafAttributes) {
    boolean joins =
        attributes != null
            && leafVa == last + 1
            && leafPa == pa + (leafVa - va)
            && leafSizeLg2 == sizeLg2
            && leafAttributes.equals(attributes);
    if (!joins) {
      flush();
      va = leafVa;
      pa = leafPa;
      sizeLg2 = leafSizeLg2;
      attributes = leafAttributes;
    }
    last = leafLast;
  }

  /** A SOFT entry, which is shown by itself. */
  public void soft(long softVa, long softLast, SoftEntry entry) {
    flush();
    visitor.soft(new AddressRange(softVa, softLast), entry);
  }

  /** Shows what waits for a leaf that joins it. */
  public void flush() {
    if (attributes != null) {
      visitor.leaves(new AddressRange(va, last), pa, sizeLg2, attributes);
      attributes = null;
    }
  }
}
