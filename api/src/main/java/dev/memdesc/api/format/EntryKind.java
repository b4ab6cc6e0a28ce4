package dev.memdesc.api.format;

/** What an item says. */
public enum EntryKind {
  /** Nothing: it holds its level's empty item. */
  EMPTY,
  /** Where the table of the next lower level is. */
  TABLE,
  /** A translation. */
  LEAF,
  /** Not walked by hardware but in use by software. */
  SOFT,
  /** None of these: hardware would report it. */
  INVALID
}
