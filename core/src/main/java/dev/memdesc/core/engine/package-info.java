/**
 * The page-table engine: map, unmap, protect, translate and visit over the words of tables.
 *
 * <p>This package is ordinary Java, but it is not run as it is loaded: a class loader named after a
 * format defines it again once per format ({@code dev.memdesc.core.stamp}), so that {@link
 * dev.memdesc.core.engine.Stamp} holds that format in static final fields and the JIT folds every
 * mask and shift. Stack traces then read {@code x86/4-level//dev.memdesc.core.engine.Mapper.write}.
 * Un-stamped, the package works on {@link dev.memdesc.core.engine.TinyFormat} over a {@code
 * long[]}: that is what debuggers and model checkers run.
 *
 * <p>Nobody outside core reaches into this package; the way in is {@link
 * dev.memdesc.core.space.TableEngine}.
 */
@NullMarked
package dev.memdesc.core.engine;

import org.jspecify.annotations.NullMarked;
