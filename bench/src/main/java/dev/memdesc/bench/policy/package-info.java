/**
 * How tables that are smaller than a page share pages: memdesc's way and the ways of kernels, all
 * of them table memory, so that the same work can be done on each.
 */
@NullMarked
package dev.memdesc.bench.policy;

import org.jspecify.annotations.NullMarked;
