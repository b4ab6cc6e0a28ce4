package dev.memdesc.cli.replay;

import dev.memdesc.api.format.TableFormat;
import java.util.List;
import java.util.Map;

/**
 * What a trace's domains cost in one format.
 *
 * @param format of the tables
 * @param domains how many there are
 * @param maps map events
 * @param unmaps unmap events
 * @param elsewhere unmaps that went to the only other domain that had their iova
 * @param tableBytes linked tables at the end
 * @param peakTableBytes the most there were at once
 * @param peakEvents after how many events that was
 * @param peakWaitingBytes the most that waited for readers at once, of what was looked at
 * @param strandedTables tables at the end below which nothing is mapped
 * @param strandedBytes what these take
 * @param mappedBytes what the events mapped and did not unmap
 * @param coveredBytes what leaves cover at the end
 * @param roundedEvents events that were rounded outward to the format's granule
 * @param levels level 0 first
 * @param frameBytes frames of the unit's structures and all tables at the end
 * @param commandsByName what went through the unit's queue, by the manual's name
 * @param commands the sum of it
 * @param invalidations those of them that forget translations
 * @param findings what was odd
 * @param seconds of work in this format
 * @param samples over the trace
 */
record ReplayReport(
    TableFormat format,
    int domains,
    long maps,
    long unmaps,
    long elsewhere,
    long tableBytes,
    long peakTableBytes,
    long peakEvents,
    long peakWaitingBytes,
    long strandedTables,
    long strandedBytes,
    long mappedBytes,
    long coveredBytes,
    long roundedEvents,
    List<Level> levels,
    long frameBytes,
    Map<String, Long> commandsByName,
    long commands,
    long invalidations,
    Map<Finding, Findings.Count> findings,
    double seconds,
    List<Curve.Sample> samples) {

  /** The tables of one level at the end. */
  record Level(int level, String manualName, long linked, long bytes) {}
}
