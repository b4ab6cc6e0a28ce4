package dev.memdesc.bench.formats;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import java.util.List;

/**
 * A bit for each access that a benchmark asks for; no SOFT entries.
 *
 * @param read set in leaves that may be read
 * @param write set in leaves that may be written
 * @param execute set in leaves that may be fetched from
 */
record PlainCodec(long read, long write, long execute) implements EntryCodec {
  @Override
  public long bits(Attributes attributes, int level, Leaf leaf) {
    return (attributes.has(Access.READ) ? read : 0)
        | (attributes.has(Access.WRITE) ? write : 0)
        | (attributes.has(Access.EXECUTE) ? execute : 0);
  }

  @Override
  public Attributes decode(long item, int level) {
    Attributes attributes = Attributes.of(Access.USER);
    attributes = (item & read) != 0 ? attributes.with(Access.READ) : attributes;
    attributes = (item & write) != 0 ? attributes.with(Access.WRITE) : attributes;
    return (item & execute) != 0 ? attributes.with(Access.EXECUTE) : attributes;
  }

  @Override
  public long soft(SoftEntry entry, int level) {
    throw noSoft();
  }

  @Override
  public SoftEntry decodeSoft(long item, int level) {
    throw noSoft();
  }

  private static PageTableException noSoft() {
    return PageTableException.because(Reason.ATTRIBUTE, "a benchmark's format has no SOFT entries")
        .build();
  }

  @Override
  public List<BitField> picture(long item, int level) {
    return List.of(BitField.of("item", 63, 0));
  }
}
