package dev.memdesc.referee;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.Locale;

/** Follows a va through the words in RAM, for people who look at a mismatch. */
public final class Explanation {
  private Explanation() {}

  /** A line for each level. */
  public static String of(TableFormat format, GuestRam ram, long rootPa, long va) {
    StringBuilder text = new StringBuilder();
    long table = rootPa;
    for (int number = format.rootLevel(); number >= 0; number--) {
      LevelLayout level = format.level(number);
      long at = table + level.offset(va);
      if (!ram.has(at)) {
        return text.append("  level ")
            .append(number)
            .append(": no RAM at ")
            .append(Hex.of(at))
            .toString();
      }
      long item = ram.load(at);
      EntryKind kind = level.kind(item);
      text.append(
          "  level %d, %s[%d] at %s: %s %s"
              .formatted(
                  number,
                  level.manualName(),
                  level.index(va),
                  Hex.of(at),
                  Hex.of(item),
                  kind.name().toLowerCase(Locale.ROOT)));
      Leaf leaf = kind == EntryKind.LEAF ? level.leafOf(item) : null;
      if (leaf != null) {
        text.append(" of ")
            .append(PageSizes.name(leaf.sizeLg2()))
            .append(", ")
            .append(format.codec().decode(item, number));
      }
      text.append('\n');
      if (kind != EntryKind.TABLE) {
        break;
      }
      table = level.tablePa().decode(item);
    }
    return text.toString();
  }
}
