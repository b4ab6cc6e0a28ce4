package dev.memdesc.api;

/**
 * An entry that hardware does not walk but software uses. It occupies its item, so its table is not
 * empty.
 *
 * @param kind what it stands for
 * @param payload what software keeps there: a pa for {@link Kind#PROT_NONE}, otherwise a number of
 *     software's own; the format refuses what it cannot hold
 */
public record SoftEntry(Kind kind, long payload) {
  /** What a {@link SoftEntry} stands for. */
  public enum Kind {
    /** A page that is there but may not be accessed. */
    PROT_NONE,
    /** A page in swap space. */
    SWAP,
    /** A page that is being moved. */
    MIGRATION,
    /** A guard: an access is an error. */
    GUARD
  }
}
