package dev.memdesc.api.memory;

/**
 * What a pool has at one moment.
 *
 * @param pages from the page allocator
 * @param pageBytes of those
 * @param heldPages that threads allocate from
 * @param listedPages of the others, those with some free fragments
 */
public record FragmentCounts(int pages, long pageBytes, int heldPages, int listedPages) {}
