package dev.memdesc.api;

/**
 * Why an operation was refused: the part of a {@link PageTableException} that code can match on.
 */
public enum Reason {
  /** The va lies outside what the format can translate (x86: it is not canonical). */
  VA_OUTSIDE_FORMAT,
  /** The pa, or the last byte of its range, needs more bits than the format has. */
  PA_TOO_WIDE,
  /** An address or length is not a multiple of what it must be a multiple of. */
  MISALIGNED,
  /** A range of length 0. */
  ZERO_LENGTH,
  /** A range that runs past the last address. */
  WRAPS,
  /** Something is already there; nothing was changed. */
  ALREADY_MAPPED,
  /** Nothing is there where the operation needs a leaf. */
  NOT_MAPPED,
  /** A request begins or ends inside a large leaf; leaves are never cut silently. */
  CUTS_LARGE_LEAF,
  /** The format has no leaf of such a size. */
  PAGE_SIZE,
  /** The format cannot express these attributes. */
  ATTRIBUTE,
  /** A table holds an item that is none of EMPTY, TABLE, LEAF and SOFT. */
  INVALID_ENTRY,
  /** No frame, or no block of the needed order or below the needed pa, is left. */
  OUT_OF_MEMORY,
  /** An address that the given memory or allocator does not own. */
  FOREIGN,
  /** A step that the life cycle of a descriptor does not have: double free, free before flush. */
  ILLEGAL_STATE,
  /** An argument is null that must not be. */
  NULL_ARGUMENT,
  /** Used after close. */
  CLOSED,
  /** No backend or variant has that name. */
  UNKNOWN_NAME,
  /** Two backends have the same name. */
  DUPLICATE_NAME,
  /** No such process, or one without memory: a kernel thread, or one that ended. */
  NO_PROCESS,
  /** The operating system does not let this user read it. */
  NO_PERMISSION,
  /** A file or line that was read is not what it should be. */
  INPUT,
  /** A format or configuration contradicts itself. */
  INCONSISTENT,
  /** A program that is needed is missing, of another version, or ended. */
  TOOL,
  /** Text that is not what it should be. */
  SYNTAX
}
