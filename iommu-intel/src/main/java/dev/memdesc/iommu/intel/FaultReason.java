package dev.memdesc.iommu.intel;

import dev.memdesc.api.IommuFault.Kind;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a fault reason means: VT-d 7.1.3 "Fault Reason Encodings". Those below 0x30 are of legacy
 * mode, the others of scalable mode.
 *
 * @param kind in terms that every unit shares
 * @param manualName what is wrong with which entry
 */
record FaultReason(Kind kind, String manualName) {
  private static final Map<Integer, FaultReason> REASONS = new TreeMap<>();

  static {
    add(0x1, Kind.NO_DOMAIN, "root entry not present");
    add(0x2, Kind.NO_DOMAIN, "context entry not present");
    add(0x3, Kind.BAD_STRUCTURE, "context entry invalid");
    add(0x4, Kind.ADDRESS_SIZE, "address beyond the domain's width");
    add(0x5, Kind.NOT_MAPPED_OR_PERMISSION, "no write permission");
    add(0x6, Kind.NOT_MAPPED_OR_PERMISSION, "no read permission");
    add(0x7, Kind.UNREADABLE, "paging entry not accessible");
    add(0x8, Kind.UNREADABLE, "root entry not accessible");
    add(0x9, Kind.UNREADABLE, "context entry not accessible");
    add(0xA, Kind.BAD_STRUCTURE, "reserved bits in a root entry");
    add(0xB, Kind.BAD_STRUCTURE, "reserved bits in a context entry");
    add(0xC, Kind.BAD_STRUCTURE, "reserved bits in a paging entry");
    add(0xD, Kind.OTHER, "request blocked by the context entry");
    add(0xE, Kind.OTHER, "output in the interrupt range");

    add(0x30, Kind.BAD_STRUCTURE, "root table address invalid");
    add(0x38, Kind.UNREADABLE, "root entry not accessible");
    add(0x39, Kind.NO_DOMAIN, "root entry not present");
    add(0x3A, Kind.BAD_STRUCTURE, "reserved bits in a root entry");
    add(0x40, Kind.UNREADABLE, "context entry not accessible");
    add(0x41, Kind.NO_DOMAIN, "context entry not present");
    add(0x42, Kind.BAD_STRUCTURE, "reserved bits in a context entry");
    add(0x43, Kind.BAD_STRUCTURE, "context entry invalid");
    add(0x45, Kind.NO_DOMAIN, "requests with PASID not enabled");
    add(0x46, Kind.NO_DOMAIN, "PASID beyond the directory");
    add(0x50, Kind.UNREADABLE, "PASID directory entry not accessible");
    add(0x51, Kind.NO_DOMAIN, "PASID directory entry not present");
    add(0x52, Kind.BAD_STRUCTURE, "reserved bits in a PASID directory entry");
    // QEMU up to 7.2 says 0x58 of an entry that is not present.
    add(0x58, Kind.NO_DOMAIN, "PASID entry not accessible");
    add(0x59, Kind.NO_DOMAIN, "PASID entry not present");
    add(0x5A, Kind.BAD_STRUCTURE, "reserved bits in a PASID entry");
    add(0x5B, Kind.BAD_STRUCTURE, "PASID entry invalid");
    add(0x70, Kind.UNREADABLE, "first-stage entry not accessible");
    add(0x71, Kind.NOT_MAPPED, "first-stage entry not present");
    add(0x72, Kind.BAD_STRUCTURE, "reserved bits in a first-stage entry");
    add(0x78, Kind.UNREADABLE, "second-stage entry not accessible");
    add(0x79, Kind.NOT_MAPPED_OR_PERMISSION, "second-stage entry without the permission");
    add(0x7A, Kind.BAD_STRUCTURE, "reserved bits in a second-stage entry");
    add(0x80, Kind.ADDRESS_SIZE, "address not canonical");
    add(0x81, Kind.PERMISSION, "first-stage entry is the supervisor's");
    add(0x84, Kind.ADDRESS_SIZE, "address beyond the second stage's width");
    add(0x85, Kind.PERMISSION, "no write permission");
    add(0x86, Kind.PERMISSION, "no read permission");
    add(0x87, Kind.OTHER, "output in the interrupt range");
  }

  private static void add(int code, Kind kind, String manualName) {
    REASONS.put(code, new FaultReason(kind, manualName));
  }

  /** The meaning of a code; {@link Kind#OTHER} if it is not known here. */
  static FaultReason of(int code) {
    return REASONS.getOrDefault(
        code, new FaultReason(Kind.OTHER, "reason 0x" + Integer.toHexString(code)));
  }
}
