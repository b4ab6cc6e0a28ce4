package dev.memdesc.api.rcu;

/**
 * What an {@link Rcu} did since it was made. Read without stopping anybody: while others work the
 * numbers may be of slightly different moments; at rest they are exact.
 *
 * @param gracePeriods that are over
 * @param queued heads and flushed values that were taken
 * @param run of those, how many have been reclaimed
 * @param readers that are registered
 * @param payments calls that waited because the backlog was too long
 * @param stalls reports of readers that stayed inside too long
 * @param deadReaders registrations that were removed because their thread had ended
 * @param failures callbacks that threw
 * @param backlogBytes bytes of memory that what waits keeps from being used; what nobody gave a
 *     size for, such as the values of a batch, counts as 0
 */
public record RcuStatistics(
    long gracePeriods,
    long queued,
    long run,
    long readers,
    long payments,
    long stalls,
    long deadReaders,
    long failures,
    long backlogBytes) {
  /** What is queued and has not been reclaimed. */
  public long backlog() {
    return queued - run;
  }
}
