/** The guest for POWER. */
@NullMarked
package dev.memdesc.referee.powerpc;

import org.jspecify.annotations.NullMarked;
