package dev.memdesc.cli.survey;

import dev.memdesc.api.memory.TableCounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page tables of one process cost.
 *
 * @param pid its number
 * @param command its name, as the kernel has it
 * @param format the format of the tables built
 * @param frameLg2 log2 of its base pages
 * @param scanned whether PAGEMAP_SCAN told huge pages apart; otherwise they are inferred
 * @param quiet whether the process stood still meanwhile
 * @param badLines the first lines of its files that made no sense
 * @param badLineCount how many there were; if there is one, the survey is incomplete
 * @param predictedKiB hardware bytes of the tables built, as VmPTE counts them
 * @param kernelKiB VmPTE
 * @param difference kernel's less predicted; null if the format is not of the process's machine
 * @param invisibleBoundKiB at most so much of the difference is invisible
 * @param residentKiB VmRSS and hugetlb pages
 * @param allocatedKiB memory of the tables built, with root and shadow
 * @param footprint the pages that the tables built lie in
 * @param levels level 0 first
 * @param mappingCount mappings of the process
 * @param mappings those whose tables take most, descending
 * @param notes what else the reader has to know
 */
record SurveyReport(
    long pid,
    String command,
    String format,
    int frameLg2,
    boolean scanned,
    boolean quiet,
    List<String> badLines,
    long badLineCount,
    long predictedKiB,
    long kernelKiB,
    @Nullable Difference difference,
    long invisibleBoundKiB,
    long residentKiB,
    long allocatedKiB,
    Footprint footprint,
    List<Level> levels,
    long mappingCount,
    List<Contributor> mappings,
    List<String> notes) {

  /** The tables of one level. */
  record Level(String manualName, TableCounts.Level counts, Occupancy occupancy) {}

  /**
   * A mapping with tables.
   *
   * @param tableBytes hardware bytes of the tables that it is the first to need, by address
   * @param residentKiB Rss
   */
  record Contributor(Vma vma, long tableBytes, long residentKiB) {}

  /** Whether every line that was read made sense. */
  boolean isComplete() {
    return badLineCount == 0;
  }

  /** Predicted bytes in percent of resident memory; 0 without resident memory. */
  double percentOfResident() {
    return residentKiB == 0 ? 0 : Math.round(1000.0 * predictedKiB / residentKiB) / 10.0;
  }

  /** One line on how well the prediction fits. */
  String verdict() {
    if (!isComplete()) {
      return "incomplete: " + badLineCount + " lines could not be read";
    }
    if (difference == null) {
      return "another architecture than the machine's: nothing to compare with";
    }
    if (!quiet) {
      return "the process ran meanwhile";
    }
    return difference.totalKiB() == 0 ? "exact" : "the process stood still";
  }
}
