/** The guest for arm64. */
@NullMarked
package dev.memdesc.referee.arm64;

import org.jspecify.annotations.NullMarked;
