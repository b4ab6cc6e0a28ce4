package dev.memdesc.tck;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.SoftLayout;
import java.util.List;

/** The codec of {@link SampleBackend}: {@link Access} from bit 1 up, in its order. */
class SampleCodec implements EntryCodec {
  private static final int SHIFT = 1;

  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    if (!attributes.has(Access.READ)
        || !attributes.equals(Attributes.ofBits(attributes.access()))) {
      throw PageTableException.because(Reason.ATTRIBUTE, "a sample page is plain and readable")
          .with("attributes", attributes)
          .build();
    }
    return (long) attributes.access() << SHIFT;
  }

  @Override
  public Attributes decode(long item, int level) {
    return Attributes.ofBits((int) (item >>> SHIFT) & 0x7F);
  }

  private static SoftLayout soft(int level) {
    return new SoftLayout(49, 12, 2, 1 << 1, 12 + 9 * level, List.of(SoftEntry.Kind.values()));
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
    return List.of(
        BitField.flag("N", 63, "one", "a group"),
        BitField.of("PA", 62, 8),
        BitField.of("flags", 7, 1),
        BitField.flag("V", 0, "invalid", "valid"));
  }
}
