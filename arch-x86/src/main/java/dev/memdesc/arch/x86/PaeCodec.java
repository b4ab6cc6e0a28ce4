package dev.memdesc.arch.x86;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import java.util.List;

/**
 * Attributes of PAE entries: Intel SDM volume 3, 4.4 "PAE paging". The PT (level 0) and the PD (1)
 * are those of {@link X86Codec} without protection keys and with three software bits; the PDPT (2)
 * has no leaves.
 */
final class PaeCodec implements EntryCodec {
  static final PaeCodec CODEC = new PaeCodec();

  /** The level of the PDPT. */
  static final int ROOT_LEVEL = 2;

  private PaeCodec() {}

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    long bits = X86Codec.CODEC.bits(attributes, level, leaf);
    if ((bits & X86Format.PAE_RESERVED) != 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "PAE has no protection keys and leaves 3 bits to software")
          .with("protectionKey", attributes.protectionKey())
          .with("software", "0x" + Integer.toHexString(attributes.software()))
          .hint("bits 62:52 of an entry are reserved")
          .build();
    }
    return bits;
  }

  @Override
  public Attributes decode(long item, int level) {
    return X86Codec.CODEC.decode(item, level);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return X86Codec.CODEC.decodeSoft(item, level);
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return X86Codec.CODEC.soft(entry, level);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return X86Fields.ofPae(item, level);
  }
}
