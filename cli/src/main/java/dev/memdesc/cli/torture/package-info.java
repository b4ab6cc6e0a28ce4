/** {@code memdesc torture}. */
@NullMarked
package dev.memdesc.cli.torture;

import org.jspecify.annotations.NullMarked;
