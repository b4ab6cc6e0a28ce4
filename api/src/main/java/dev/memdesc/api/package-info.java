/**
 * What every user of memdesc sees: address spaces, gathers, attributes, ranges, errors.
 *
 * <p>The words used here are defined in {@code docs/vocabulary.md}, and no others are used. The
 * short form: <b>va</b> and <b>pa</b> are unsigned 64-bit addresses in a {@code long}, printed
 * {@code 0x%016x}; a <b>frame</b> is one base page of physical memory and <b>pfn</b> its number;
 * <b>level 0</b> is the leaf-only level and levels count upwards; an <b>item</b> is one slot of a
 * table and an <b>entry</b> what it says: EMPTY, TABLE, LEAF, SOFT or INVALID; {@code last} is
 * inclusive, {@code end} exclusive; the suffix {@code Lg2} means log2.
 */
@NullMarked
package dev.memdesc.api;

import org.jspecify.annotations.NullMarked;
