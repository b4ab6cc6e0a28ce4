package dev.memdesc.tck;

import dev.memdesc.api.format.Capability;
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

/**
 * A backend that conforms: three levels of RISC-V's kind, with groups of 16 pages that are alike. A
 * test spoils one thing at a time.
 */
public class SampleBackend implements ArchBackend {
  static final long V = 1;
  static final long R = 1 << 1;
  static final long A = 1 << 6;
  static final long D = 1 << 7;
  static final long N = 1L << 63;
  static final int PA_BITS = 50;

  static final SampleCodec CODEC = new SampleCodec();
  private static final TableFormat FORMAT = format("sample/three", CODEC);

  /** Found by {@link java.util.ServiceLoader}. */
  public SampleBackend() {}

  static TableFormat format(String name, EntryCodec codec) {
    return format(name, codec, List.of(level(0), level(1), level(2)));
  }

  static TableFormat format(String name, EntryCodec codec, List<LevelLayout> levels) {
    return new TableFormat(
        name,
        ByteOrder.LITTLE_ENDIAN,
        12,
        new VaRule(39, VaRule.Extension.SIGN),
        PA_BITS,
        levels,
        Set.of(Capability.HARDWARE_ACCESSED_DIRTY),
        codec);
  }

  static LevelLayout level(int level) {
    int shift = 12 + 9 * level;
    Leaf single = new Leaf(shift, new Test(N | V | R, V | R), V, pa(shift));
    return level(
        level, level == 0 ? List.of(single, group()) : List.of(single), new Test(V | R, V));
  }

  static LevelLayout level(int level, List<Leaf> leaves, Test table) {
    return new LevelLayout(
        "T" + level,
        12 + 9 * level,
        9,
        Placement.natural(12),
        new Test(V, 0),
        0,
        level == 0 ? Test.NEVER : table,
        level == 0 ? PaField.NONE : pa(12),
        V,
        leaves,
        Test.set(A),
        Test.set(D),
        Mirror.NONE);
  }

  /** Sixteen pages: N, and in the lowest bits of the pa a pattern that says how many. */
  static Leaf group() {
    return new Leaf(16, 4, 0, new Test(N | V | R, N | V | R), N | V | 1 << 13, pa(16));
  }

  /** The pa lies two bits lower in the item. */
  static PaField pa(int low) {
    return new PaField(0, PaField.bits(PA_BITS - 3, low - 2).mask0(), 2, 0, 0);
  }

  @Override
  public String name() {
    return "sample";
  }

  @Override
  public Set<String> hostArchNames() {
    return Set.of();
  }

  @Override
  public List<TableFormat> variants() {
    return List.of(FORMAT);
  }

  @Override
  public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
    return List.of(new RegisterValue("root", rootPa >>> 12));
  }
}
