/**
 * Torture in the manner of the kernel's rcutorture: run hard, check everything, stop at the first
 * violation.
 */
@NullMarked
package dev.memdesc.bench.torture;

import org.jspecify.annotations.NullMarked;
