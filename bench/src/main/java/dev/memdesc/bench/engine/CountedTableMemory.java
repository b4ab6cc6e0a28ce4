package dev.memdesc.bench.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import org.jspecify.annotations.Nullable;

/** Counts the tables that are handed out. */
final class CountedTableMemory implements TableMemory {
  private final TableMemory delegate;
  private long allocations;

  CountedTableMemory(TableMemory delegate) {
    this.delegate = delegate;
  }

  /** How many tables were handed out so far. */
  long allocations() {
    return allocations;
  }

  @Override
  public TableDescriptor allocate(TableOwner owner, int level, int node) {
    allocations++;
    return delegate.allocate(owner, level, node);
  }

  @Override
  public void free(TableDescriptor table) {
    delegate.free(table);
  }

  @Override
  public void freeAll(@Nullable TableDescriptor first) {
    delegate.freeAll(first);
  }

  @Override
  public void freeDeferred(TableDescriptor table) {
    delegate.freeDeferred(table);
  }

  @Override
  public void close(TableOwner owner) {
    delegate.close(owner);
  }

  @Override
  public void trim() {
    delegate.trim();
  }

  @Override
  public long allocatedBytes(int node) {
    return delegate.allocatedBytes(node);
  }
}
