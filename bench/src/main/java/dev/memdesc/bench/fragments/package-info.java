/** How much memory tables take that share pages, under each policy: {@code bench fragments}. */
@NullMarked
package dev.memdesc.bench.fragments;

import org.jspecify.annotations.NullMarked;
