package dev.memdesc.api.memory;

import dev.memdesc.api.format.TableFormat;

/** The address space or domain that a table belongs to. */
public interface TableOwner {
  /** A name for messages. */
  String name();

  /** The format of its tables. */
  TableFormat format();

  /** Where its tables are counted. */
  TableAccount account();
}
