/** Physical memory, the page allocator and table memory. */
@NullMarked
package dev.memdesc.core.memory;

import org.jspecify.annotations.NullMarked;
