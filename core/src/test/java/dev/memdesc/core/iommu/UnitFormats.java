package dev.memdesc.core.iommu;

import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.Mirror;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.Placement;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.core.engine.TinyFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Three levels of tables of one granule each, with leaves at the lower two; the tiny codec. */
final class UnitFormats {
  private static final long INVALID = 1;
  private static final long TABLE = 1 << 1;
  private static final long LARGE = 1 << 2;

  private UnitFormats() {}

  static TableFormat granule(String name, int frameLg2) {
    return granule(name, frameLg2, 0);
  }

  /** The same where some bits change by break-before-make. */
  static TableFormat granule(String name, int frameLg2, long breakBits) {
    List<LevelLayout> levels = new ArrayList<>();
    int indexBits = frameLg2 - 3;
    int shift = frameLg2;
    for (int level = 0; level < 3; level++) {
      long large = level == 0 ? 0 : LARGE;
      Leaf leaf =
          new Leaf(shift, new Test(INVALID | TABLE | LARGE, large), large, PaField.bits(47, shift));
      levels.add(
          new LevelLayout(
              "level " + level,
              shift,
              indexBits,
              Placement.natural(frameLg2),
              Test.set(INVALID),
              INVALID,
              level == 0 ? Test.NEVER : new Test(INVALID | TABLE, TABLE),
              PaField.bits(47, frameLg2),
              TABLE,
              level < 2 ? List.of(leaf) : List.of(),
              Test.NEVER,
              Test.NEVER,
              Mirror.NONE));
      shift += indexBits;
    }
    return new TableFormat(
        name,
        TinyFormat.FORMAT.order(),
        frameLg2,
        new VaRule(shift, VaRule.Extension.ZERO),
        48,
        levels,
        Set.of(),
        TinyFormat.FORMAT.codec(),
        breakBits,
        null);
  }
}
