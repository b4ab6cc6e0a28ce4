package dev.memdesc.api.descriptor;

/**
 * What one frame, or a block of frames, is used for. The class says the use; each class has the
 * fields that its use needs and no field with two meanings. A frame that nobody describes has no
 * descriptor.
 */
public abstract sealed class Descriptor
    permits FragmentPage, FreeBlock, StructureDescriptor, TableDescriptor {
  Descriptor() {}

  /** The pa of the first byte that this describes. */
  public abstract long pa();
}
