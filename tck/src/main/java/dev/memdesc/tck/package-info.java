/** The conformance kit: a backend author depends on it in test scope. */
@NullMarked
package dev.memdesc.tck;

import org.jspecify.annotations.NullMarked;
