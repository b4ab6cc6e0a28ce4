/** Memory for tables: frames, the page allocator, table memory and what they cost. */
@NullMarked
package dev.memdesc.api.memory;

import org.jspecify.annotations.NullMarked;
