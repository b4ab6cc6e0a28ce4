package dev.memdesc.referee;

import dev.memdesc.api.Attributes;

/**
 * What should be where a probe goes, by the plain map: no table, no item, no level.
 *
 * @param pa what the probe's va translates to
 * @param sizeLg2 log2 of the bytes of the leaf that the engine chose
 * @param asked the attributes of the last map or protect
 * @param attributes the same with the ACCESSED and DIRTY of before and those that hardware added
 */
public record Page(long pa, int sizeLg2, Attributes asked, Attributes attributes) {}
