/** What QEMU's VT-d unit is asked. */
@NullMarked
package dev.memdesc.referee.intel;

import org.jspecify.annotations.NullMarked;
