package dev.memdesc.api.format;

/** What hardware does with a format that core must take into account. */
public enum Capability {
  /** Hardware sets accessed and dirty in live entries, at any time. */
  HARDWARE_ACCESSED_DIRTY
}
