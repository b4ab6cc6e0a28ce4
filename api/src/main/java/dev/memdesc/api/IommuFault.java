package dev.memdesc.api;

/**
 * A request of a device that an IOMMU refused.
 *
 * @param device the source id or StreamID
 * @param pasid the PASID or SubstreamID, or -1 if the request had none
 * @param iova the address asked for; units differ in how many of the low bits they keep
 * @param write whether it was a write
 * @param kind what was wrong, in terms that every unit shares
 * @param code the unit's own number for it: VT-d's fault reason, SMMU's event type
 * @param manualName that number's name in the manual
 */
public record IommuFault(
    int device, int pasid, long iova, boolean write, Kind kind, int code, String manualName) {
  /** What was wrong. */
  public enum Kind {
    /** Nothing is mapped there. */
    NOT_MAPPED,
    /** It is mapped, but not for this access. */
    PERMISSION,
    /** The unit reports one of these two and does not say which. */
    NOT_MAPPED_OR_PERMISSION,
    /** The address is wider than the domain. */
    ADDRESS_SIZE,
    /** A leaf whose access flag hardware was to find set is not accessed. */
    ACCESS_FLAG,
    /** The device is not attached. */
    NO_DOMAIN,
    /** A structure or table item that software wrote is malformed. */
    BAD_STRUCTURE,
    /** Memory that the unit had to read did not answer. */
    UNREADABLE,
    /** Anything else. */
    OTHER
  }

  @Override
  public String toString() {
    return "%s at %s: device=0x%x, pasid=%s, %s, %s (0x%x)"
        .formatted(
            kind,
            Hex.of(iova),
            device,
            pasid < 0 ? "-" : "0x" + Integer.toHexString(pasid),
            write ? "write" : "read",
            manualName,
            code);
  }
}
