package dev.memdesc.cli.replay;

import java.util.List;

/**
 * What was read of a trace.
 *
 * @param name of the file
 * @param lines of text
 * @param maps map events, those of scatter lists too
 * @param scatterMaps map_sg events
 * @param unmaps unmap events
 * @param attaches attach events
 * @param faults io_page_fault events
 * @param otherEvents events of other subsystems
 * @param unknownEvents iommu events that a replay does not know
 * @param unknownNames the first names of these
 * @param lostEvents events that the tracer says it lost
 * @param spanNanos from the first map or unmap event to the last
 * @param unitlessTimes map and unmap events whose time has no unit
 * @param timeless map and unmap events without a time
 * @param split whether events of devices decide which domain an event belongs to
 * @param named whether the kernel named domains
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
    long scatterMaps,
    long unmaps,
    long attaches,
    long faults,
    long otherEvents,
    long unknownEvents,
    List<String> unknownNames,
    long lostEvents,
    long spanNanos,
    long unitlessTimes,
    long timeless,
    boolean split,
    boolean named,
    List<String> domains,
    long badLineCount,
    List<String> badLines,
    Findings refused,
    double seconds) {

  /** Map and unmap events. */
  long events() {
    return maps + unmaps;
  }

  /** What decides which domain an event belongs to: the name for JSON. */
  String splitBy() {
    return named ? "domain-names" : split ? "device-events" : "none";
  }
}
