package dev.memdesc.api.format;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import java.util.List;
import java.util.Locale;

/**
 * How a level keeps SOFT entries, for formats that have one field for the payload and two bits for
 * the kind: what hardware ignores in an invalid item is software's to choose.
 *
 * <p>The payload of {@link SoftEntry.Kind#PROT_NONE} is a pa and stays where a pa would be; any
 * other payload is a number, shifted up into the same bits.
 *
 * @param fieldHigh the highest bit of the field
 * @param fieldLow the lowest bit of the field: log2 of the smallest page
 * @param codeShift where the kind's two bits are
 * @param constant bits that every SOFT item has; with them it is EMPTY to hardware and differs from
 *     the empty item
 * @param spanLg2 log2 of the bytes that an item spans: the alignment of a pa
 * @param kinds the kind of each code, 0 to 3
 */
public record SoftLayout(
    int fieldHigh,
    int fieldLow,
    int codeShift,
    long constant,
    int spanLg2,
    List<SoftEntry.Kind> kinds) {
  private static final long CODE_MASK = 3;

  /** Copies the list. */
  public SoftLayout {
    kinds = List.copyOf(kinds);
  }

  private long fieldMask() {
    return PaField.bits(fieldHigh, fieldLow).mask0();
  }

  /**
   * The item of an entry.
   *
   * @throws PageTableException with {@link Reason#ATTRIBUTE} if the payload does not fit
   */
  public long encode(SoftEntry entry) {
    boolean isPa = entry.kind() == SoftEntry.Kind.PROT_NONE;
    long payload = entry.payload();
    long field = isPa ? payload : payload << fieldLow;
    boolean fits =
        isPa
            ? (payload & ~(fieldMask() & -1L << spanLg2)) == 0
            : payload >>> (fieldHigh - fieldLow + 1) == 0;
    if (!fits) {
      throw PageTableException.because(
              Reason.ATTRIBUTE,
              isPa
                  ? "a PROT_NONE entry holds the pa of a whole page that the format can hold"
                  : "the payload of a SOFT entry fits its field")
          .with("kind", entry.kind())
          .hex("payload", payload)
          .hint(
              isPa
                  ? "the pa is a multiple of " + Hex.of(1L << spanLg2)
                  : "it has at most " + (fieldHigh - fieldLow + 1) + " bits")
          .build();
    }
    return field | constant | (long) kinds.indexOf(entry.kind()) << codeShift;
  }

  /**
   * The entry of a SOFT item.
   *
   * @throws PageTableException with {@link Reason#INVALID_ENTRY} for an item that {@link #encode}
   *     does not make: another kernel's, which only that kernel can read
   */
  public SoftEntry decode(long item) {
    SoftEntry.Kind kind = kinds.get((int) (item >>> codeShift & CODE_MASK));
    long field = item & fieldMask();
    boolean isPa = kind == SoftEntry.Kind.PROT_NONE;
    if ((item & ~fieldMask() & ~(CODE_MASK << codeShift)) != constant
        || (isPa && (field & (1L << spanLg2) - 1) != 0)) {
      throw PageTableException.because(Reason.INVALID_ENTRY, "a SOFT item is one of memdesc's own")
          .hex("item", item)
          .hex("constant", constant)
          .hint("every SOFT item of memdesc has the constant's bits, and no others beside its own")
          .build();
    }
    return new SoftEntry(kind, isPa ? field : field >>> fieldLow);
  }

  /** What a code means, in words. */
  public String meaning(long code) {
    return kinds.get((int) (code & CODE_MASK)).name().replace('_', ' ').toLowerCase(Locale.ROOT);
  }
}
