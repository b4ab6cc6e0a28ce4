package dev.memdesc.referee.iommu;

/** Why a request should be refused. */
public enum Cause {
  /** Nothing is mapped there. */
  HOLE,
  /** It is mapped, but not for this access. */
  PERMISSION,
  /** The address is wider than the domain. */
  BEYOND,
  /** The device is in no domain. */
  DETACHED
}
