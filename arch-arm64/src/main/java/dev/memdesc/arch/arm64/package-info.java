/** The page tables of arm64: Arm Architecture Reference Manual, chapter D8 (VMSAv8-64). */
@NullMarked
package dev.memdesc.arch.arm64;

import org.jspecify.annotations.NullMarked;
