/** The command-line tool: one class per command; the only module that prints. */
@NullMarked
package dev.memdesc.cli;

import org.jspecify.annotations.NullMarked;
