/** Fragments: tables smaller than a frame, and their re-use after a grace period. */
@NullMarked
package dev.memdesc.core.fragment;

import org.jspecify.annotations.NullMarked;
