/** The page tables of POWER: Power ISA version 3.0B, book III, chapter 5.7. */
@NullMarked
package dev.memdesc.arch.powerpc;

import org.jspecify.annotations.NullMarked;
