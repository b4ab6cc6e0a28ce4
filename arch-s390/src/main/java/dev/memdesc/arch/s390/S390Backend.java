package dev.memdesc.arch.s390;

import com.google.auto.service.AutoService;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * s390x as a backend: z/Architecture Principles of Operation, chapter 3 "Address-space-control
 * element" for what a processor needs before it walks a root (level 2, 3 or 4: a region-third,
 * -second or -first table).
 *
 * <pre>
 *        63                         12 11 10  9   8   7   6   5   4   3  2  1  0
 *       +-----------------------------+-----+---+---+---+---+---+---+-----+-----+
 *  ASCE |      pa of the root         |  0  | G | P | S | X | R | 0 |  DT |  TL |
 *       +-----------------------------+-----+---+---+---+---+---+---+-----+-----+
 * </pre>
 *
 * <p>G subspace group, P private space, S storage-alteration event, X space-switch event, R real
 * space, DT 1 to 3 for a region-third to region-first table, TL its length in pages less one. Linux
 * sets P, S and X for a process.
 */
@AutoService(ArchBackend.class)
public final class S390Backend implements ArchBackend {
  private static final long ASCE_PRIVATE = 0x100;
  private static final long ASCE_STORAGE_ALTERATION = 0x80;
  private static final long ASCE_SPACE_SWITCH = 0x40;
  private static final long ASCE_LINUX = ASCE_PRIVATE | ASCE_STORAGE_ALTERATION | ASCE_SPACE_SWITCH;

  private static final long CR0_EDAT = 0x80_0000;
  private static final long CR0_IEP = 0x10_0000;
  private static final long PSW_DAT = 1L << 58;
  private static final long PSW_64_BIT = 0x1_8000_0000L;

  /** Found by {@link java.util.ServiceLoader}. */
  public S390Backend() {}

  @Override
  public String name() {
    return "s390";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of("s390x");
  }

  @Override
  public List<TableFormat> variants() {
    return S390Format.VARIANTS;
  }

  /** What a process of Linux begins with: three levels, a page for each page table. */
  @Override
  public TableFormat hostVariant(Set<String> cpuFlags) {
    return S390Format.VARIANTS.stream()
        .filter(format -> format.name().equals("s390/3-level-linux"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public TableDescriptor newTableDescriptor() {
    return new S390TableDescriptor();
  }

  /**
   * The primary ASCE in control register 1, and the bits of control register 0 and of the PSW's
   * mask that must be set for the walk: both enhanced DAT facilities, instruction-execution
   * protection, DAT and 64-bit addresses.
   *
   * @param asid 0: whose translation it is follows from the ASCE itself
   * @throws PageTableException with {@link Reason#ATTRIBUTE} for another asid, {@link
   *     Reason#MISALIGNED} for a root that is not at a page
   */
  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    if (asid != 0) {
      throw PageTableException.because(Reason.ATTRIBUTE, "s390 has no address-space numbers")
          .with("asid", asid)
          .with("format", format)
          .hint("the ASCE itself tells whose translation it is: give 0")
          .build();
    }
    int alignLg2 = format.level(format.rootLevel()).table().alignLg2();
    if ((rootPa & (1L << alignLg2) - 1) != 0) {
      throw PageTableException.because(
              Reason.MISALIGNED, "a root is aligned to 2^" + alignLg2 + " bytes")
          .hex("rootPa", rootPa)
          .with("format", format)
          .build();
    }
    long type = S390Format.tableType(format.rootLevel());
    long linux = format.codec() instanceof S390LinuxCodec ? ASCE_LINUX : 0;
    return List.of(
        new RegisterValue("CR1", rootPa | linux | type | S390Format.TL),
        new RegisterValue("CR0", CR0_EDAT | CR0_IEP),
        new RegisterValue("PSW.mask", PSW_DAT | PSW_64_BIT));
  }
}
