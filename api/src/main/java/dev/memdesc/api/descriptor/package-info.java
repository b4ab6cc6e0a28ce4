/** Memory descriptors: what a frame is, in an object shaped for exactly that use. */
@NullMarked
package dev.memdesc.api.descriptor;

import org.jspecify.annotations.NullMarked;
