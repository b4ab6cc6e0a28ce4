/** The guest for s390x. */
@NullMarked
package dev.memdesc.referee.s390;

import org.jspecify.annotations.NullMarked;
