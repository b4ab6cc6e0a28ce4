/** What a backend implements and what it is given. */
@NullMarked
package dev.memdesc.api.spi;

import org.jspecify.annotations.NullMarked;
