/**
 * Asks QEMU what it sees in page tables that memdesc built: the same memory is the RAM of a guest,
 * in which a small stub loads, stores and fetches what a batch of requests names.
 */
@NullMarked
package dev.memdesc.referee;

import org.jspecify.annotations.NullMarked;
