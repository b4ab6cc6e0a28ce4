/** {@code memdesc verify}: has QEMU walk what memdesc builds. */
@NullMarked
package dev.memdesc.cli.verify;

import org.jspecify.annotations.NullMarked;
