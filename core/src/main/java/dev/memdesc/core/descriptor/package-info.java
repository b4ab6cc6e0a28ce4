/** The map from frames to their descriptors, and checks on descriptors. */
@NullMarked
package dev.memdesc.core.descriptor;

import org.jspecify.annotations.NullMarked;
