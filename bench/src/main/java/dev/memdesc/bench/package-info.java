/** Measures memdesc: what all benchmarks share. */
@NullMarked
package dev.memdesc.bench;

import org.jspecify.annotations.NullMarked;
