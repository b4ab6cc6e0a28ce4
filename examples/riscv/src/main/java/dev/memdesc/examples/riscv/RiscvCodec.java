package dev.memdesc.examples.riscv;

import static dev.memdesc.examples.riscv.RiscvFormat.A;
import static dev.memdesc.examples.riscv.RiscvFormat.D;
import static dev.memdesc.examples.riscv.RiscvFormat.FRAME_LG2;
import static dev.memdesc.examples.riscv.RiscvFormat.G;
import static dev.memdesc.examples.riscv.RiscvFormat.PA_BITS;
import static dev.memdesc.examples.riscv.RiscvFormat.PBMT_SHIFT;
import static dev.memdesc.examples.riscv.RiscvFormat.PPN_SHIFT;
import static dev.memdesc.examples.riscv.RiscvFormat.R;
import static dev.memdesc.examples.riscv.RiscvFormat.RSW_SHIFT;
import static dev.memdesc.examples.riscv.RiscvFormat.U;
import static dev.memdesc.examples.riscv.RiscvFormat.V;
import static dev.memdesc.examples.riscv.RiscvFormat.W;
import static dev.memdesc.examples.riscv.RiscvFormat.X;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.SoftLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Attributes of RISC-V entries: volume II, 4.3.1 "Addressing and memory protection" and chapter 6
 * "Svpbmt". PBMT 0 is ordinary memory, 1 is not cached, 2 is I/O.
 *
 * <p>SOFT entries keep what {@link SoftLayout} keeps in an item without V: the payload in 55:12,
 * the kind in 9:8, and bit 1 to tell them from EMPTY.
 */
final class RiscvCodec implements EntryCodec {
  static final RiscvCodec CODEC = new RiscvCodec();

  private static final List<MemoryType> TYPE_OF_PBMT =
      List.of(MemoryType.WRITE_BACK, MemoryType.WRITE_COMBINING, MemoryType.UNCACHED);
  private static final int SOFTWARE_MAX = 3;

  private RiscvCodec() {}

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    boolean read = attributes.has(Access.READ);
    int type = TYPE_OF_PBMT.indexOf(attributes.memoryType());
    if (attributes.has(Access.WRITE) && !read) {
      throw refused("who may store on RISC-V may load", attributes).hint("add READ").build();
    }
    if (!read && !attributes.has(Access.EXECUTE)) {
      throw refused("a RISC-V leaf has a right", attributes)
          .hint("add READ or EXECUTE, or put a SOFT entry of kind PROT_NONE")
          .build();
    }
    if (type < 0 || attributes.protectionKey() != 0 || attributes.software() > SOFTWARE_MAX) {
      throw refused(
              "RISC-V memory is write-back, write-combining or uncached, without keys, and two bits"
                  + " are left to software",
              attributes)
          .build();
    }
    return (read ? R : 0)
        | (attributes.has(Access.WRITE) ? W : 0)
        | (attributes.has(Access.EXECUTE) ? X : 0)
        | (attributes.has(Access.USER) ? U : 0)
        | (attributes.has(Access.GLOBAL) ? G : 0)
        | (attributes.has(Access.ACCESSED) ? A : 0)
        | (attributes.has(Access.DIRTY) ? D : 0)
        | (long) attributes.software() << RSW_SHIFT
        | (long) type << PBMT_SHIFT;
  }

  @Override
  public Attributes decode(long item, int level) {
    int access =
        ((item & R) != 0 ? Access.READ.bit() : 0)
            | ((item & W) != 0 ? Access.WRITE.bit() : 0)
            | ((item & X) != 0 ? Access.EXECUTE.bit() : 0)
            | ((item & U) != 0 ? Access.USER.bit() : 0)
            | ((item & G) != 0 ? Access.GLOBAL.bit() : 0)
            | ((item & A) != 0 ? Access.ACCESSED.bit() : 0)
            | ((item & D) != 0 ? Access.DIRTY.bit() : 0);
    int type = (int) (item >>> PBMT_SHIFT) & 3;
    return new Attributes(
        access,
        type < TYPE_OF_PBMT.size() ? TYPE_OF_PBMT.get(type) : MemoryType.UNCACHED,
        0,
        (int) (item >>> RSW_SHIFT) & SOFTWARE_MAX);
  }

  private static SoftLayout soft(int level) {
    return new SoftLayout(
        PA_BITS - 1,
        FRAME_LG2,
        RSW_SHIFT,
        R,
        RiscvFormat.shift(level),
        List.of(
            SoftEntry.Kind.PROT_NONE,
            SoftEntry.Kind.SWAP,
            SoftEntry.Kind.MIGRATION,
            SoftEntry.Kind.GUARD));
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    return soft(level).encode(entry);
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    return soft(level).decode(item);
  }

  @Override
  public List<BitField> picture(long item, int level) {
    List<BitField> fields = new ArrayList<>();
    if ((item & V) == 0) {
      fields.add(BitField.of("software", 63, 1));
    } else {
      fields.add(BitField.flag("N", 63, "one page", "of 16 alike, where there is Svnapot"));
      fields.add(BitField.of("PBMT", 62, PBMT_SHIFT));
      fields.add(BitField.of("reserved", 60, 54));
      fields.add(
          new BitField(
              "PPN",
              PA_BITS - 1 - PPN_SHIFT,
              FRAME_LG2 - PPN_SHIFT,
              value -> "at " + Hex.of(value << FRAME_LG2)));
      fields.add(BitField.of("RSW", 9, RSW_SHIFT));
      fields.add(BitField.flag("D", 7, "not written", "written"));
      fields.add(BitField.flag("A", 6, "not accessed", "accessed"));
      fields.add(BitField.flag("G", 5, "this address space", "every address space"));
      fields.add(BitField.flag("U", 4, "supervisor only", "user"));
      fields.add(BitField.flag("X", 3, "no fetches", "fetches allowed"));
      fields.add(BitField.flag("W", 2, "no stores", "stores allowed"));
      fields.add(BitField.flag("R", 1, "no loads", "loads allowed"));
    }
    fields.add(BitField.flag("V", 0, "invalid: hardware ignores the rest", "valid"));
    return List.copyOf(fields);
  }

  private static PageTableException.Builder refused(String rule, Attributes attributes) {
    return PageTableException.because(Reason.ATTRIBUTE, rule).with("attributes", attributes);
  }
}
