package dev.memdesc.arch.s390;

import static dev.memdesc.arch.s390.S390Format.IEP;
import static dev.memdesc.arch.s390.S390Format.P;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.Test;
import java.util.List;

/**
 * Attributes of s390x entries as Linux keeps them: Linux, {@code arch/s390/include/asm/pgtable.h}.
 * It has accessed and dirty in software's bits, and hardware's I and P follow from them: a leaf is
 * invalid as long as it is not young, and cannot be written as long as it is not dirty, so that
 * Linux sees the first access and the first store. Such a leaf is a LEAF here all the same, as one
 * without its access flag is on arm64. Level 0 is the page table, 1 the segment table, 2 the
 * region-third table.
 *
 * <pre>
 *                   WRITE  READ   DIRTY  YOUNG  soft-dirty  PRESENT  special  unused
 *   of a page       0x20   0x10   0x08   0x04   0x02        0x01     0x40     0x80
 *   of 1M and 2G    0x8000 0x4000 0x2000 0x1000 0x02        0x01
 *
 *   I = not YOUNG     P = not (WRITE and DIRTY)
 * </pre>
 *
 * <p>Software bit 0 is soft-dirty, and of a page bit 1 special and bit 2 unused. {@code protect}
 * keeps YOUNG and DIRTY; a leaf that it makes writable may have P set although it is dirty, which
 * costs a fault and no more. SOFT entries are those of {@link S390Codec}.
 */
final class S390LinuxCodec implements EntryCodec {
  static final S390LinuxCodec CODEC = new S390LinuxCodec();

  static final long PRESENT = 0x01;
  static final long SOFT_DIRTY = 0x02;

  /** A special page, and one that is unused; of pages only. */
  static final int SPECIAL_SHIFT = 6;

  private static final Bits OF_PAGES = new Bits(0x20, 0x10, 0x08, 0x04);
  private static final Bits OF_LARGE = new Bits(0x8000, 0x4000, 0x2000, 0x1000);
  private static final int PAGE_SOFTWARE_MAX = 7;

  /** Where a leaf of a level has them. */
  record Bits(long write, long read, long dirty, long young) {}

  private S390LinuxCodec() {}

  static Bits bitsOf(int level) {
    return level == 0 ? OF_PAGES : OF_LARGE;
  }

  /** What every leaf has: it is present and can be read. */
  static long leafConstant(int level) {
    return PRESENT | bitsOf(level).read();
  }

  /** With I in the mask, a leaf that is made young becomes valid in the same step. */
  static Test accessed(int level) {
    long young = bitsOf(level).young();
    return new Test(young | S390Format.invalid(level), young);
  }

  static Test dirty(int level) {
    return Test.set(bitsOf(level).dirty());
  }

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    S390Codec.requireWhatEveryEntryHas(attributes);
    if (attributes.has(Access.GLOBAL) || attributes.protectionKey() != 0) {
      throw S390Codec.refused(
              "a process of Linux on s390 shares no leaf and has no key", attributes)
          .hint("leave GLOBAL and the key out")
          .build();
    }
    int software = attributes.software();
    if (software > (level == 0 ? PAGE_SOFTWARE_MAX : 1)) {
      throw S390Codec.refused("Linux has soft-dirty, and of a page special and unused", attributes)
          .hint("software bit 0 is soft-dirty, of a page bit 1 special, bit 2 unused")
          .build();
    }
    Bits bits = bitsOf(level);
    boolean young = attributes.has(Access.ACCESSED);
    boolean write = attributes.has(Access.WRITE);
    boolean dirty = attributes.has(Access.DIRTY);
    return (write ? bits.write() : 0)
        | (dirty ? bits.dirty() : 0)
        | (young ? bits.young() : S390Format.invalid(level))
        | (write && dirty ? 0 : P)
        | (attributes.has(Access.EXECUTE) ? 0 : IEP)
        | ((software & 1) != 0 ? SOFT_DIRTY : 0)
        | (long) (software >>> 1) << SPECIAL_SHIFT;
  }

  @Override
  public Attributes decode(long item, int level) {
    Bits bits = bitsOf(level);
    int access =
        Access.READ.bit()
            | Access.USER.bit()
            | ((item & bits.write()) != 0 ? Access.WRITE.bit() : 0)
            | ((item & bits.dirty()) != 0 ? Access.DIRTY.bit() : 0)
            | ((item & bits.young()) != 0 ? Access.ACCESSED.bit() : 0)
            | ((item & IEP) != 0 ? 0 : Access.EXECUTE.bit());
    long software =
        ((item & SOFT_DIRTY) != 0 ? 1 : 0)
            | (level == 0 ? (item >>> SPECIAL_SHIFT & PAGE_SOFTWARE_MAX >>> 1) << 1 : 0);
    return new Attributes(access, MemoryType.WRITE_BACK, 0, (int) software);
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return S390Codec.soft(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return S390Codec.soft(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return S390Fields.of(item, level, true);
  }
}
