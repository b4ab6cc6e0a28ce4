package dev.memdesc.referee;

/**
 * Something that QEMU saw otherwise than the plain map and the manual's rules say.
 *
 * @param text all that is known about it, over several lines
 */
public record Mismatch(String text) {}
