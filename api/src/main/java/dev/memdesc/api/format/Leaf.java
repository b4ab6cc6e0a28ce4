package dev.memdesc.api.format;

/**
 * One size of leaf at one level.
 *
 * @param sizeLg2 log2 of the bytes it maps; the span of its item
 * @param test passes exactly the items that are such leaves
 * @param constant bits that every such leaf has, beside those of the codec and the pa
 * @param pa where the item keeps the pa
 */
public record Leaf(int sizeLg2, Test test, long constant, PaField pa) {}
