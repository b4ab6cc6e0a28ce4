/** How fast fragments are allocated and freed, beside Netty and C: {@code bench alloc}. */
@NullMarked
package dev.memdesc.bench.alloc;

import org.jspecify.annotations.NullMarked;
