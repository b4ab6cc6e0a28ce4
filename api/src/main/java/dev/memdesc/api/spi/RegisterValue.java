package dev.memdesc.api.spi;

/**
 * A register that must have a value before hardware walks a root.
 *
 * @param name the manual's name
 * @param value what to write
 */
public record RegisterValue(String name, long value) {}
