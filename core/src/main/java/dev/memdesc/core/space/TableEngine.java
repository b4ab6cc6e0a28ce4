package dev.memdesc.core.space;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.descriptor.TableDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The face of a stamped engine: the tables below one root. An abstract class, so that an operation
 * costs one virtual call whatever the number of formats that are loaded.
 *
 * <p>Methods, units and errors are those of {@link dev.memdesc.api.AddressSpace}. What reads is
 * called in a read section: tables that are detached meanwhile stay what they are until it ends.
 */
public abstract class TableEngine {
  /** For stamped subclasses. */
  protected TableEngine() {}

  /** The root table. */
  public abstract TableDescriptor root();

  /** See {@link dev.memdesc.api.AddressSpace#map}. */
  public abstract void map(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, TableGather gather);

  /** {@link #map} of one base page: a way of its own, whatever the ranges are that map sees. */
  public abstract void mapPage(
      long va, long pa, Attributes attributes, PageSizes sizes, TableGather gather);

  /** See {@link dev.memdesc.api.AddressSpace#putSoft}. */
  public abstract void putSoft(long va, int sizeLg2, SoftEntry entry, TableGather gather);

  /** See {@link dev.memdesc.api.AddressSpace#unmap}. */
  public abstract long unmap(long va, long length, TableGather gather);

  /** The same for a range that may cover leaves in part. */
  public abstract long unmap(long va, long length, CutLeaf cut, TableGather gather);

  /** See {@link dev.memdesc.api.AddressSpace#protect}. */
  public abstract long protect(long va, long length, Attributes attributes, TableGather gather);

  /** See {@link dev.memdesc.api.AddressSpace#readAndClearDirty}. */
  public abstract long readAndClearDirty(
      long va, long length, MappingVisitor visitor, TableGather gather);

  /** See {@link dev.memdesc.api.AddressSpace#deposit}. */
  public abstract void deposit(long va);

  /** See {@link dev.memdesc.api.AddressSpace#translate}. */
  public abstract long translate(long va);

  /** The leaf that translates {@code va}, or null. */
  public abstract @Nullable Mapping lookup(long va);

  /** See {@link dev.memdesc.api.AddressSpace#visit}. */
  public abstract void visit(AddressRange range, MappingVisitor visitor);

  /** See {@link dev.memdesc.api.AddressSpace#visitTables}. */
  public abstract void visitTables(TableVisitor visitor);

  /** Unhooks every table, the root too. The engine cannot be used after it. */
  public abstract void dropAll(TableGather gather);
}
