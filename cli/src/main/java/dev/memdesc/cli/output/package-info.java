/** How commands print: aligned tables, JSON, pages. */
@NullMarked
package dev.memdesc.cli.output;

import org.jspecify.annotations.NullMarked;
