/** What the tables of IOMMUs cost when they live through a trace. */
@NullMarked
package dev.memdesc.cli.replay;

import org.jspecify.annotations.NullMarked;
