package dev.memdesc.api.descriptor;

import org.jspecify.annotations.Nullable;

/**
 * Describes a page that is cut into equal fragments, at every one of its frames. Where the
 * fragments are tables, it knows the descriptor of each.
 */
public abstract non-sealed class FragmentPage extends Descriptor {
  private final int fragmentBytes;
  // An element is set once, by the thread that hands the fragment out for the first time; the item
  // that points to the table publishes it.
  private final @Nullable TableDescriptor[] tables;
  private long pa;

  /**
   * A page of no memory yet.
   *
   * @param fragmentBytes from one fragment to the next, at least 8
   * @param tables how many of the fragments may be tables: all or none
   */
  protected FragmentPage(int fragmentBytes, int tables) {
    this.fragmentBytes = fragmentBytes;
    this.tables = new TableDescriptor[tables];
  }

  /** Binds the page to memory, while nobody can find it. */
  protected final void bindPage(long newPa) {
    this.pa = newPa;
  }

  @Override
  public final long pa() {
    return pa;
  }

  /** Bytes from one fragment to the next. */
  public final int fragmentBytes() {
    return fragmentBytes;
  }

  /**
   * The descriptor of the table at {@code tablePa}, or null: the page's fragments are no tables, no
   * fragment begins there, or that one was never handed out.
   */
  public final @Nullable TableDescriptor table(long tablePa) {
    int offset = (int) (tablePa - pa);
    int index = offset / fragmentBytes;
    return index < tables.length && index * fragmentBytes == offset ? tables[index] : null;
  }

  /** The descriptor of the table in the fragment with this index, or null. */
  public final @Nullable TableDescriptor tableAt(int index) {
    return index < tables.length ? tables[index] : null;
  }

  /** Sets the descriptor of a fragment that only the calling thread knows. */
  protected final void setTable(int index, TableDescriptor table) {
    tables[index] = table;
  }
}
