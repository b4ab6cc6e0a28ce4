/** Address spaces over an engine, and the gather that frees their tables. */
@NullMarked
package dev.memdesc.core.space;

import org.jspecify.annotations.NullMarked;
