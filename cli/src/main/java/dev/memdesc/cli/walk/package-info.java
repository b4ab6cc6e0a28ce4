/** Walks page tables in files. */
@NullMarked
package dev.memdesc.cli.walk;

import org.jspecify.annotations.NullMarked;
