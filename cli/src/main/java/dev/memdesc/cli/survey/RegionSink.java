package dev.memdesc.cli.survey;

/** Receives the parts of a mapping that have entries, ascending and without overlap. */
@FunctionalInterface
interface RegionSink {
  /**
   * Pages of one kind.
   *
   * @param start the first va
   * @param end the va after the last
   * @param categories bits of {@link Category}
   */
  void region(long start, long end, int categories);
}
