/** Fault injection: every operation, crossed with everything that may fail under it. */
@NullMarked
package dev.memdesc.tck.fault;

import org.jspecify.annotations.NullMarked;
