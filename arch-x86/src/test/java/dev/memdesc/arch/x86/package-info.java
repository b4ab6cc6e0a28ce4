/** Tests of the x86-64 formats against the manual's worked examples. */
@NullMarked
package dev.memdesc.arch.x86;

import org.jspecify.annotations.NullMarked;
