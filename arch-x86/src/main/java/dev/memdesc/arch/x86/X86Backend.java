package dev.memdesc.arch.x86;

import com.google.auto.service.AutoService;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.List;
import java.util.Set;

/**
 * x86-64 as a backend: Intel SDM volume 3, 2.5 "Control registers" and 4.10 "Caching translation
 * information" for what a processor needs before it walks a root (level 3, PML4, or level 4, PML5).
 *
 * <pre>
 *       63 62        52 51                          12 11          0
 *      +--+------------+------------------------------+-------------+
 *  CR3 |0 |     0      |         pa of the root       |    PCID     |
 *      +--+------------+------------------------------+-------------+
 * </pre>
 */
@AutoService(ArchBackend.class)
public final class X86Backend implements ArchBackend {
  private static final long CR0_PE = 1L;
  private static final long CR0_WP = 1L << 16;
  private static final long CR0_PG = 1L << 31;
  private static final long CR4_PAE = 1L << 5;
  private static final long CR4_PGE = 1L << 7;
  private static final long CR4_LA57 = 1L << 12;
  private static final long CR4_PCIDE = 1L << 17;
  private static final long CR4_PKE = 1L << 22;
  private static final long EFER_LME = 1L << 8;
  private static final long EFER_LMA = 1L << 10;
  private static final long EFER_NXE = 1L << 11;

  private static final int PCID_BITS = 12;

  /** With PTI, the highest bit of the PCID tells the user's translations from the kernel's. */
  private static final int PCID_USER = 1 << (PCID_BITS - 1);

  /** The level of the PML5: a root there needs LA57. */
  private static final int PML5_LEVEL = 4;

  /** Found by {@link java.util.ServiceLoader}. */
  public X86Backend() {}

  @Override
  public String name() {
    return "x86";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of("amd64", "x86_64");
  }

  @Override
  public List<TableFormat> variants() {
    return X86Format.VARIANTS;
  }

  /**
   * The format that the kernel uses: it hides {@code la57} when it does not use five levels, and
   * shows {@code pti} when it isolates page tables.
   */
  @Override
  public TableFormat hostVariant(Set<String> cpuFlags) {
    int levels = cpuFlags.contains("la57") ? PML5_LEVEL + 1 : PML5_LEVEL;
    String name = "x86/" + levels + (cpuFlags.contains("pti") ? "-level-pti" : "-level");
    return X86Format.VARIANTS.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * CR3, CR4, EFER, CR0 and IA32_PAT, as a state and not as the sequence of writes that gets there:
   * the bits that must be set for the walk, and those without which an entry would not mean what
   * its attributes say. These are WP (what is read only is so for the kernel too), PGE (global),
   * PKE (keys; not with PAE, which has none) and NXE (no fetches); the PAT gives each memory type
   * the index that entries have. Keys count for data of user pages, as PKRU says. With PTI there is
   * {@code CR3.user} too, the value while user code runs.
   *
   * <p>Bit 63 of what is moved to CR3 keeps translations of the PCID; it is no part of the state.
   * Linear-address masking (CR3 bits 62:61) is off: a va has no metadata.
   *
   * @param asid the PCID, 0..4095; with PTI 0..2047, because the user's half is {@code asid |
   *     0x800}; with PAE 0, which has no PCID
   * @throws PageTableException with {@link Reason#ATTRIBUTE} for another asid, {@link
   *     Reason#MISALIGNED} or {@link Reason#PA_TOO_WIDE} for a root that CR3 cannot hold
   */
  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    boolean hasUserRoot = format.level(format.rootLevel()).table().shadowBytes() != 0;
    boolean pae = format.va().bits() <= Integer.SIZE;
    int lastAsid = pae ? 0 : hasUserRoot ? PCID_USER - 1 : (1 << PCID_BITS) - 1;
    check(format, rootPa, asid, lastAsid);

    boolean la57 = format.rootLevel() == PML5_LEVEL;
    long cr4 =
        CR4_PAE
            | CR4_PGE
            | (pae ? 0 : CR4_PKE)
            | (la57 ? CR4_LA57 : 0)
            | (asid != 0 ? CR4_PCIDE : 0);
    RegisterValue cr3 = new RegisterValue("CR3", rootPa | asid);
    RegisterValue cr4Value = new RegisterValue("CR4", cr4);
    RegisterValue efer = new RegisterValue("EFER", pae ? EFER_NXE : EFER_LME | EFER_LMA | EFER_NXE);
    RegisterValue cr0 = new RegisterValue("CR0", CR0_PG | CR0_WP | CR0_PE);
    RegisterValue pat = new RegisterValue("IA32_PAT", X86Codec.patRegister());
    if (!hasUserRoot) {
      return List.of(cr3, cr4Value, efer, cr0, pat);
    }
    long userPcid = asid == 0 ? 0 : asid | PCID_USER;
    long userRootPa = rootPa + X86Format.TABLE_BYTES;
    RegisterValue userCr3 = new RegisterValue("CR3.user", userRootPa | userPcid);
    return List.of(cr3, userCr3, cr4Value, efer, cr0, pat);
  }

  private static void check(TableFormat format, long rootPa, int asid, int lastAsid) {
    if (asid < 0 || asid > lastAsid) {
      throw PageTableException.because(Reason.ATTRIBUTE, "a PCID lies in 0.." + lastAsid)
          .with("asid", asid)
          .with("format", format)
          .hint("0 means that translations are not tagged")
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
    int rootBits = format.va().bits() <= Integer.SIZE ? Integer.SIZE : X86Format.PA_BITS;
    if (rootPa >>> rootBits != 0) {
      throw PageTableException.because(Reason.PA_TOO_WIDE, "a root lies below 2^" + rootBits)
          .hex("rootPa", rootPa)
          .with("format", format)
          .build();
    }
  }
}
