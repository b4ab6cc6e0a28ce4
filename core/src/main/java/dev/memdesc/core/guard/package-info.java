/** What keeps misuse, and reports that fail, from doing harm. */
@NullMarked
package dev.memdesc.core.guard;

import org.jspecify.annotations.NullMarked;
