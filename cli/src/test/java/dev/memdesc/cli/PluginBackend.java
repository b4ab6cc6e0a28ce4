package dev.memdesc.cli;

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

/** What the plugin's jar in {@link LauncherIT} holds: eight tables of 512 bytes in a page. */
public class PluginBackend implements ArchBackend {
  /** Called by the service loader. */
  public PluginBackend() {}

  @Override
  public String name() {
    return "plug";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<TableFormat> variants() {
    LevelLayout only =
        new LevelLayout(
            "LEAVES",
            12,
            6,
            Placement.natural(9),
            new Test(1, 0),
            0,
            Test.NEVER,
            PaField.NONE,
            0,
            List.of(new Leaf(12, new Test(1, 1), 1, PaField.bits(51, 12))),
            Test.NEVER,
            Test.NEVER,
            Mirror.NONE);
    return List.of(
        new TableFormat(
            "plug/eighth",
            ByteOrder.BIG_ENDIAN,
            12,
            new VaRule(18, VaRule.Extension.ZERO),
            52,
            List.of(only),
            Set.of(),
            Codec.ONLY));
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of();
  }

  /** Says nothing about attributes. */
  enum Codec implements EntryCodec {
    ONLY;

    @Override
    public long bits(Attributes attributes, int level, Leaf leaf) {
      return 0;
    }

    @Override
    public Attributes decode(long item, int level) {
      return Attributes.USER_DATA;
    }

    @Override
    public long soft(SoftEntry entry, int level) {
      return entry.payload() << 1;
    }

    @Override
    public SoftEntry decodeSoft(long item, int level) {
      return new SoftEntry(SoftEntry.Kind.SWAP, item >>> 1);
    }

    @Override
    public List<BitField> picture(long item, int level) {
      return List.of(BitField.of("item", 63, 0));
    }
  }
}
