package dev.memdesc.cli.survey;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;

/** Makes the address spaces that surveys build in, all of one format. */
interface SpaceFactory extends AutoCloseable {
  /** The format of the tables. */
  TableFormat format();

  /** Whether the kernel of such a machine ({@code os.arch}) has tables of this architecture. */
  boolean isFormatOf(String machine);

  /** A new, empty address space. Close it. */
  AddressSpace newSpace(String name);

  /** Registers the calling thread as a reader of the spaces. Close it. */
  Reader newReader();

  @Override
  void close();
}
