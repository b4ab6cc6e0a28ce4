/** {@code memdesc bench}. */
@NullMarked
package dev.memdesc.cli.bench;

import org.jspecify.annotations.NullMarked;
