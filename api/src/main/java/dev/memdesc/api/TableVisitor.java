package dev.memdesc.api;

import dev.memdesc.api.descriptor.TableDescriptor;

/** Receives the tables of an address space, parents before their children, ascending by va. */
public interface TableVisitor {
  /**
   * One linked table.
   *
   * @param level 0 for the leaf-only level
   * @param va the first va that the table translates
   * @param table its descriptor, with the count of its entries that are not EMPTY
   */
  void table(int level, long va, TableDescriptor table);
}
