/** Stamps the engine: one copy of its package per format. */
@NullMarked
package dev.memdesc.core.stamp;

import org.jspecify.annotations.NullMarked;
