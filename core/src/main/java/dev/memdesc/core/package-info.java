/** The way in: the builder, the registry of backends, and how core is put together. */
@NullMarked
package dev.memdesc.core;

import org.jspecify.annotations.NullMarked;
