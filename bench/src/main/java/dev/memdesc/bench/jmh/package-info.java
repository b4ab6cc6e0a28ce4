/** The questions of {@code memdesc bench engine} for those who prefer JMH: a class for each. */
@NullMarked
package dev.memdesc.bench.jmh;

import org.jspecify.annotations.NullMarked;
