/** The engine against its twin: questions, paired trials, forks, counts. */
@NullMarked
package dev.memdesc.bench.engine;

import org.jspecify.annotations.NullMarked;
