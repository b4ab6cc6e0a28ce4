package dev.memdesc.api;

/** Receives what an address space maps, in ascending order of va. */
public interface MappingVisitor {
  /**
   * A run of leaves of one size with the same attributes whose frames follow each other.
   *
   * @param range the va of the run
   * @param pa the pa of its first byte
   * @param leafSizeLg2 log2 of the bytes of each leaf
   */
  void leaves(AddressRange range, long pa, int leafSizeLg2, Attributes attributes);

  /** One SOFT entry; by default ignored. */
  default void soft(AddressRange range, SoftEntry entry) {}
}
