package dev.memdesc.api.format;

/**
 * Items of a table that are kept twice: in the shadow half as they are, in the first half with bits
 * added. x86's page-table isolation keeps the user entries of its root so: the kernel's copy is not
 * executable.
 *
 * @param endIndex items 0 up to but not including this one are kept twice; 0 for none
 * @param added bits that an entry which is not EMPTY gets in the first half
 */
public record Mirror(int endIndex, long added) {
  /** Nothing is kept twice. */
  public static final Mirror NONE = new Mirror(0, 0);
}
