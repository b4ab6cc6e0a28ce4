package dev.memdesc.api.spi;

import org.jspecify.annotations.Nullable;

/**
 * The two ends of a command queue as one unit has them in its registers. A backend implements this;
 * filling, wrapping, waiting and recovering are done once, behind {@link CommandQueue}.
 */
public interface QueueEnds {
  /**
   * Tells the unit how far the queue is filled.
   *
   * @param produced how many commands were ever put, counted from 0
   */
  void publish(long produced);

  /**
   * The index of the command that the unit consumes next, without any wrap or error bits:
   * 0..entries - 1.
   */
  int consumerIndex();

  /**
   * Whether the unit has stopped at the command at {@link #consumerIndex}, and why: the manual's
   * name of the error, or null while it runs.
   */
  @Nullable String stopped();

  /**
   * The unit goes on: the command at which it stopped was replaced. Called after {@link #stopped}
   * returned an error.
   */
  void resume();

  /**
   * The words of a command that forgets every translation and every cached structure as far as one
   * command can. It takes the place of a command that the unit refused: what that one should have
   * forgotten is then forgotten too.
   */
  long[] forgetAll();
}
