/** The guests for x86. */
@NullMarked
package dev.memdesc.referee.x86;

import org.jspecify.annotations.NullMarked;
