/** The rival in C: compiled where it runs, called on the same kind of memory. */
@NullMarked
package dev.memdesc.bench.twin;

import org.jspecify.annotations.NullMarked;
