/** Formats of the benchmark's own, so that the JVM has several loaded. */
@NullMarked
package dev.memdesc.bench.formats;

import org.jspecify.annotations.NullMarked;
