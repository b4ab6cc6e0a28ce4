/** An example of a backend that is not part of memdesc: RISC-V, with its guest for the referee. */
@NullMarked
package dev.memdesc.examples.riscv;

import org.jspecify.annotations.NullMarked;
