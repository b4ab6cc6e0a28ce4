/** What every command that reads text of unknown origin needs. */
@NullMarked
package dev.memdesc.cli.input;

import org.jspecify.annotations.NullMarked;
