package dev.memdesc.core;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/** A backend with any names: one level of four items and a codec that nobody calls. */
record FakeBackend(String name, List<TableFormat> variants, Set<String> hostArchNames)
    implements ArchBackend {

  static FakeBackend of(String name, String... formats) {
    List<TableFormat> variants = List.of(formats).stream().map(FakeBackend::format).toList();
    return new FakeBackend(name, variants, Set.of(name + "-host"));
  }

  @Override
  public TableFormat hostVariant(Set<String> cpuFlags) {
    return cpuFlags.contains("wide") ? variants.getLast() : variants.getFirst();
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of();
  }

  static TableFormat format(String name) {
    LevelLayout only =
        new LevelLayout(
            "L0",
            12,
            2,
            Placement.natural(5),
            new Test(1, 0),
            0,
            Test.NEVER,
            PaField.NONE,
            0,
            List.of(new Leaf(12, new Test(1, 1), 1, PaField.bits(51, 12))),
            Test.NEVER,
            Test.NEVER,
            Mirror.NONE);
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        12,
        new VaRule(14, VaRule.Extension.ZERO),
        52,
        List.of(only),
        Set.of(),
        new NoCodec());
  }

  private record NoCodec() implements EntryCodec {
    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Attributes decode(long item, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<BitField> picture(long item, int level) {
      throw new UnsupportedOperationException();
    }
  }
}
