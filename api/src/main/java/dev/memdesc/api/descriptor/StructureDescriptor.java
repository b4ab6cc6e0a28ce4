package dev.memdesc.api.descriptor;

import dev.memdesc.api.Hex;
import org.jspecify.annotations.Nullable;

/**
 * Describes memory that hardware reads and that is no page table: a context table, a queue. A
 * backend may extend it with fields of its own. Its memory binds it once; then only its owner
 * changes it.
 */
public non-sealed class StructureDescriptor extends Descriptor {
  private @Nullable String name;
  private long pa;
  private int bytes;
  private int node;

  /** Of no memory yet. */
  public StructureDescriptor() {}

  /** Binds it to memory, while nobody can find it. For structure memory only. */
  public final void bind(String newName, long newPa, int newBytes, int newNode) {
    this.name = newName;
    this.pa = newPa;
    this.bytes = newBytes;
    this.node = newNode;
  }

  /** Its memory was given back. For structure memory only. */
  public final void unbind() {
    this.name = null;
  }

  /** Whether it describes memory now. */
  public final boolean isBound() {
    return name != null;
  }

  /** What it is, for messages. */
  public final String name() {
    return name == null ? "unbound" : name;
  }

  @Override
  public final long pa() {
    return pa;
  }

  /** Bytes that were asked for. */
  public final int bytes() {
    return bytes;
  }

  /** The NUMA node of the memory. */
  public final int node() {
    return node;
  }

  @Override
  public final String toString() {
    return "%s[pa=%s, bytes=%d]".formatted(name(), Hex.of(pa), bytes);
  }
}
