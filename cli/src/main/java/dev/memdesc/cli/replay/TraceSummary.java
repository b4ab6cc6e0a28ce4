package dev.memdesc.cli.replay;

import java.util.List;

/**
 * What was read of a trace.
 *
 * @param name of the file
 * @param lines of text
 * @param maps map events
 * @param unmaps unmap events
 * @param attaches attach events
 * @param faults io_page_fault events
 * @param otherEvents events of other kinds
 * @param lostEvents events that the tracer says it lost
 * @param spanNanos from the first map or unmap event to the last
 * @param split whether events of devices decide which domain an event belongs to
 * @param domains the names of the domains, the default first
 * @param badLineCount lines that made no sense
 * @param badLines the first of them
 * @param refused findings about devices
 * @param seconds the whole replay took, in all formats
 */
record TraceSummary(
    String name,
    long lines,
    long maps,
    long unmaps,
    long attaches,
    long faults,
    long otherEvents,
    long lostEvents,
    long spanNanos,
    boolean split,
    List<String> domains,
    long badLineCount,
    List<String> badLines,
    Findings refused,
    double seconds) {

  /** Map and unmap events. */
  long events() {
    return maps + unmaps;
  }
}
