package dev.memdesc.api;

/** What unmap does with a leaf that its range covers in part. */
public enum CutLeaf {
  /** Refuses the request with {@link Reason#CUTS_LARGE_LEAF}. */
  REFUSE,
  /**
   * Replaces the leaf by smaller ones that translate the same, and unmaps those in the range. A
   * deposited table is used if there is one; any other memory is had before anything is changed.
   */
  SPLIT,
  /** Unmaps the whole leaf, as most IOMMU drivers do. */
  WHOLE
}
