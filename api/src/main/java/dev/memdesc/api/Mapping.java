package dev.memdesc.api;

/**
 * The leaf that translates one va.
 *
 * @param range the va range of the whole leaf
 * @param pa the pa of its first byte
 * @param level the level of the table that holds it
 * @param attributes what it allows
 */
public record Mapping(AddressRange range, long pa, int level, Attributes attributes) {}
