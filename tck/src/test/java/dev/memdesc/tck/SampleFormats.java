package dev.memdesc.tck;

import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.Test;
import java.util.List;

/** The sample backend's format under other names. */
public final class SampleFormats {
  private SampleFormats() {}

  /** The same with another name. */
  public static TableFormat named(String name) {
    return SampleBackend.format(name, SampleBackend.CODEC);
  }

  /** The same with leaves of 8K and 16K in place of those of 64K. */
  public static TableFormat withSmallGroups(String name) {
    long kind = SampleBackend.N | SampleBackend.V | SampleBackend.R;
    long pages2 = 1 << 10;
    long pages4 = 1 << 11;
    List<Leaf> leaves =
        List.of(
            SampleBackend.level(0).leaves().getFirst(),
            group(1, new Test(kind | pages2, kind | pages2), pages2),
            group(2, new Test(kind | pages2 | pages4, kind | pages4), pages4));
    return SampleBackend.format(
        name,
        SampleBackend.CODEC,
        List.of(
            SampleBackend.level(0, leaves, Test.NEVER),
            SampleBackend.level(1),
            SampleBackend.level(2)));
  }

  private static Leaf group(int itemsLg2, Test test, long pattern) {
    int sizeLg2 = 12 + itemsLg2;
    return new Leaf(
        sizeLg2,
        itemsLg2,
        0,
        test,
        SampleBackend.N | SampleBackend.V | pattern,
        SampleBackend.pa(sizeLg2));
  }
}
