package dev.memdesc.core.engine;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.MapRequest;
import dev.memdesc.core.space.TableGather;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The face of this package: checks arguments, then hands over to the class for the operation. Every
 * operation keeps this engine reachable until its end, and with it the memory mapped.
 */
public final class Engine extends Pages {
  private final Mapper mapper;
  private final Unmapper unmapper;
  private final Splitter splitter;
  private final Protector protector;
  private final DirtyLog dirtyLog;
  private final Walker walker;

  /** An engine with an empty root. */
  public Engine(EngineContext context) {
    super(new Tree(context));
    this.mapper = new Mapper(tree);
    this.unmapper = new Unmapper(tree);
    this.splitter = new Splitter(tree);
    this.protector = new Protector(tree);
    this.dirtyLog = new DirtyLog(tree);
    this.walker = new Walker(tree);
  }

  @Override
  public TableDescriptor root() {
    return tree.root();
  }

  @Override
  public void mapPage(
      long va, long pa, Attributes attributes, PageSizes sizes, TableGather gather) {
    try {
      if ((sizes.bitmap() & Stamp.FRAME_BYTES) == 0
          || !Checks.isPage(va)
          || !Checks.isPagePa(pa)
          || !mapPage(va, bits(attributes, gather.request()) | Stamp.LEAF0.pa().encode(pa))) {
        mapRange(va, pa, Stamp.FRAME_BYTES, attributes, sizes, gather);
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void map(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, TableGather gather) {
    try {
      mapRange(va, pa, length, attributes, sizes, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  // A method of its own, so that callers inline what a page needs and call this.
  private void mapRange(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, TableGather gather) {
    long last = Checks.range(va, length);
    Checks.pa(pa, length);
    MapRequest request = gather.request();
    request.delta = pa - va;
    if ((va ^ last) >>> Stamp.L0.spanLg2() == 0
        && (sizes.bitmap() & Stamp.FRAME_BYTES) != 0
        && !isLargeLeaf(va, pa, last, sizes)
        && mapInTable(va, last, attributes, sizes, request)) {
      return;
    }
    request.sizes = Checks.sizes(sizes, va, pa, length);
    encode(attributes, request);
    mapper.map(va, last, gather);
  }

  /** Whether a range of one level-0 table may be a leaf of level 1, which replaces that table. */
  private static boolean isLargeLeaf(long va, long pa, long last, PageSizes sizes) {
    return last - va == Stamp.SPAN0_MASK
        && (pa & Stamp.SPAN0_MASK) == 0
        && (sizes.bitmap() & Stamp.ITEM_SIZES & (Stamp.SPAN0_MASK + 1)) != 0;
  }

  /** Maps a range that lies in one level-0 table; false if there is no such table yet. */
  private boolean mapInTable(
      long va, long last, Attributes attributes, PageSizes sizes, MapRequest request) {
    TableDescriptor table = descriptor(leafTable(va));
    if (table == null) {
      return false;
    }
    request.items[0] = bits(attributes, request);
    if (Stamp.GROUPS0) {
      request.sizes = sizes.bitmap() & Stamp.LEAF_SIZES;
      encodeGroups(0, attributes, request);
    }
    mapper.mapInTable(table, Stamp.L0.index(va), Stamp.L0.index(last), va, request);
    return true;
  }

  /** A level-0 leaf's item without its pa; most operations repeat the last one's attributes. */
  @SuppressWarnings("ReferenceEquality") // the same object has the same bits; others are encoded
  private static long bits(Attributes attributes, MapRequest request) {
    if (attributes != request.lastAttributes) {
      request.lastBits =
          Stamp.LEAF0.constant() | Stamp.FORMAT.codec().bits(attributes, 0, Stamp.LEAF0);
      request.lastAttributes = attributes;
    }
    return request.lastBits;
  }

  /** Computes the bits of the leaves of every level once, for all of the request. */
  private static void encode(Attributes attributes, MapRequest request) {
    for (int level = 0; level <= Stamp.ROOT_LEVEL; level++) {
      LevelLayout layout = Stamp.LEVELS.get(level);
      if ((request.sizes >>> layout.shift() & 1) != 0) {
        Leaf leaf = layout.leaves().getFirst();
        request.items[level] = leaf.constant() | Stamp.FORMAT.codec().bits(attributes, level, leaf);
      }
      if (Stamp.GROUPS) {
        encodeGroups(level, attributes, request);
      }
    }
  }

  /** Computes the bits of the groups of a level. */
  private static void encodeGroups(int level, Attributes attributes, MapRequest request) {
    LevelLayout layout = Stamp.LEVELS.get(level);
    for (int k = 1; k < layout.leaves().size(); k++) {
      Leaf group = layout.leaves().get(k);
      if (Choice.isAllowed(group, request)) {
        request.groups[level * Stamp.MOST_GROUPS + k - 1] =
            group.constant() | Stamp.FORMAT.codec().bits(attributes, level, group);
      }
    }
  }

  @Override
  public void putSoft(long va, int sizeLg2, SoftEntry entry, TableGather gather) {
    try {
      if (sizeLg2 < 0 || sizeLg2 > 63 || (Stamp.ITEM_SIZES >>> sizeLg2 & 1) == 0) {
        throw PageTableException.because(
                Reason.PAGE_SIZE, "a SOFT entry has the size of a leaf of one item")
            .with("sizeLg2", sizeLg2)
            .with("exist", new PageSizes(Stamp.ITEM_SIZES))
            .with("format", Stamp.FORMAT)
            .build();
      }
      long length = 1L << sizeLg2;
      long last = Checks.range(va, length);
      MapRequest request = gather.request();
      request.sizes = Checks.sizes(PageSizes.ofLg2(sizeLg2), va, 0, length);
      // With pa 0 a leaf's item is exactly the bits given.
      request.delta = -va;
      for (int level = 0; level <= Stamp.ROOT_LEVEL; level++) {
        if (Stamp.LEVELS.get(level).shift() == sizeLg2) {
          request.items[level] = Stamp.FORMAT.codec().soft(entry, level);
        }
      }
      mapper.map(va, last, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public long unmap(long va, long length, TableGather gather) {
    try {
      int removed = length == Stamp.FRAME_BYTES && Checks.isPage(va) ? unmapPage(va) : NO_TABLE;
      if (removed > 0) {
        gather.addLeaf(va, Stamp.FRAME_BYTES);
        return Stamp.FRAME_BYTES;
      }
      return removed == 0 ? 0 : unmapRange(va, length, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private long unmapRange(long va, long length, TableGather gather) {
    long last = Checks.range(va, length);
    if ((va ^ last) >>> Stamp.L0.spanLg2() == 0 && last - va < Stamp.SPAN0_MASK) {
      TableDescriptor table = descriptor(leafTable(va));
      if (table != null) {
        int removed =
            unmapper.unmapInTable(
                table, Stamp.L0.index(va), Stamp.L0.index(last), gather.request());
        if (!Stamp.GROUPS0 || removed != Unmapper.CUT) {
          if (removed != 0) {
            gather.addRange(va, last);
          }
          return (long) removed << Stamp.FRAME_LG2;
        }
      }
    }
    return unmapper.unmap(va, last, gather);
  }

  @Override
  public long unmap(long va, long length, CutLeaf cut, TableGather gather) {
    try {
      long last = Checks.range(va, length);
      if (cut == CutLeaf.SPLIT) {
        splitter.split(va, last, gather);
      } else if (cut == CutLeaf.WHOLE) {
        long from = va & -1L << unmapper.entryLg2(va);
        return unmapper.unmap(from, last | ~(-1L << unmapper.entryLg2(last)), gather);
      }
      return unmapRange(va, length, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public long protect(long va, long length, Attributes attributes, TableGather gather) {
    try {
      long last = Checks.range(va, length);
      unmapper.checkNotCut(va, last);
      MapRequest request = gather.request();
      request.sizes = Stamp.LEAF_SIZES;
      encode(attributes, request);
      return protector.protect(va, last, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public long readAndClearDirty(long va, long length, MappingVisitor visitor, TableGather gather) {
    try {
      long last = Checks.range(va, length);
      if (!Stamp.DIRTY) {
        throw PageTableException.because(Reason.ATTRIBUTE, "the format says what was written")
            .with("format", Stamp.FORMAT)
            .build();
      }
      return dirtyLog.readAndClear(va, last, visitor, gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void deposit(long va) {
    try {
      Stamp.FORMAT.checkVa(va);
      TableDescriptor table = tree.root();
      for (int level = Stamp.ROOT_LEVEL; level > 0; level--) {
        LevelLayout layout = Stamp.LEVELS.get(level);
        long item = tree.load(table, layout.index(va));
        if (layout.isTable().passes(item)) {
          table = tree.child(layout, item);
        } else if (level == 1 && layout.leafOf(item) != null) {
          tree.enter();
          try {
            tree.deposit(table);
          } finally {
            tree.leave();
          }
          return;
        } else {
          break;
        }
      }
      throw PageTableException.because(Reason.NOT_MAPPED, "a deposit is made for a leaf of level 1")
          .hex("va", va)
          .with("format", Stamp.FORMAT)
          .build();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public long translate(long va) {
    try {
      Stamp.FORMAT.checkVa(va);
      return walk(va);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public @Nullable Mapping lookup(long va) {
    try {
      Stamp.FORMAT.checkVa(va);
      return walker.lookup(va);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void visit(AddressRange range, MappingVisitor visitor) {
    try {
      Checks.visible(range.start(), range.last());
      walker.visit(range, visitor);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void visitTables(TableVisitor visitor) {
    try {
      walker.visitTables(visitor);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void dropAll(TableGather gather) {
    try {
      tree.detachRoot(gather);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
