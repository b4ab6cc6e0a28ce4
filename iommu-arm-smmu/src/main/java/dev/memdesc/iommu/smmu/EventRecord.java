package dev.memdesc.iommu.smmu;

import dev.memdesc.api.IommuFault;
import dev.memdesc.api.IommuFault.Kind;

/**
 * A record of the event queue, 32 bytes: IHI 0070 section 7.3 "Event records".
 *
 * <pre>
 *        63        32 31          12  11  10 8 7    0
 *       +------------+--------------+---+-----+------+
 *  dw0  | StreamID   | SubstreamID  |SSV|  0  | type |
 *       +------------+--------------+---+-----+------+
 *  dw1  CLASS 41:40   S2 39   RnW 35   InD 34   PnU 33   STALL 31   STAG 15:0
 *  dw2  the address asked for         dw3  the ipa, or the address that was fetched
 * </pre>
 *
 * @param dw0 what and who
 * @param dw1 how
 * @param dw2 where
 * @param dw3 where in stage 2
 */
record EventRecord(long dw0, long dw1, long dw2, long dw3) {
  static final int BYTES_LG2 = 5;

  private static final long SSV = 1 << 11;
  private static final long RNW = 1L << 35;
  private static final long S2 = 1L << 39;

  /** The first type that has an address and a direction. */
  private static final int F_TRANSLATION = 0x10;

  private static final int F_PERMISSION = 0x13;
  private static final int F_WALK_EABT = 0x0B;

  int type() {
    return (int) dw0 & 0xFF;
  }

  int streamId() {
    return (int) (dw0 >>> 32);
  }

  /** The SubstreamID, or -1. */
  int substreamId() {
    return (dw0 & SSV) == 0 ? -1 : (int) (dw0 >>> 12) & 0xF_FFFF;
  }

  /** Whether it was stage 2 that refused; {@link #dw3} then says the ipa. */
  boolean stageTwo() {
    return (dw1 & S2) != 0;
  }

  /** A write; records of structures do not say, and count as reads. */
  private boolean write() {
    int type = type();
    boolean says = type == F_WALK_EABT || (type >= F_TRANSLATION && type <= F_PERMISSION);
    return says && (dw1 & RNW) == 0;
  }

  /** In terms that every unit shares. */
  IommuFault fault() {
    return new IommuFault(
        streamId(), substreamId(), dw2, write(), kind(type()), type(), manualName(type()));
  }

  private static Kind kind(int type) {
    return switch (type) {
      case 0x02, 0x06, 0x08 -> Kind.NO_DOMAIN;
      case 0x03, 0x09, F_WALK_EABT -> Kind.UNREADABLE;
      case 0x04, 0x0A -> Kind.BAD_STRUCTURE;
      case F_TRANSLATION -> Kind.NOT_MAPPED;
      case 0x11 -> Kind.ADDRESS_SIZE;
      case 0x12 -> Kind.ACCESS_FLAG;
      case F_PERMISSION -> Kind.PERMISSION;
      default -> Kind.OTHER;
    };
  }

  private static String manualName(int type) {
    return switch (type) {
      case 0x01 -> "F_UUT";
      case 0x02 -> "C_BAD_STREAMID";
      case 0x03 -> "F_STE_FETCH";
      case 0x04 -> "C_BAD_STE";
      case 0x05 -> "F_BAD_ATS_TREQ";
      case 0x06 -> "F_STREAM_DISABLED";
      case 0x07 -> "F_TRANSL_FORBIDDEN";
      case 0x08 -> "C_BAD_SUBSTREAMID";
      case 0x09 -> "F_CD_FETCH";
      case 0x0A -> "C_BAD_CD";
      case F_WALK_EABT -> "F_WALK_EABT";
      case F_TRANSLATION -> "F_TRANSLATION";
      case 0x11 -> "F_ADDR_SIZE";
      case 0x12 -> "F_ACCESS";
      case F_PERMISSION -> "F_PERMISSION";
      case 0x20 -> "F_TLB_CONFLICT";
      case 0x21 -> "F_CFG_CONFLICT";
      case 0x24 -> "E_PAGE_REQ";
      default -> "event of an unknown type";
    };
  }
}
