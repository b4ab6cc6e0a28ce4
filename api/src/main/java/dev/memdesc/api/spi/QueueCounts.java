package dev.memdesc.api.spi;

/**
 * What a command queue has seen.
 *
 * @param commands that were put
 * @param wraps how often the ring began again
 * @param fullWaits how often a command had to wait for room
 * @param errors commands that the unit refused and that were replaced
 */
public record QueueCounts(long commands, long wraps, long fullWaits, long errors) {}
