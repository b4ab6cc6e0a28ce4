/** Read-copy-update: read sections, grace periods and what waits for them. */
@NullMarked
package dev.memdesc.api.rcu;

import org.jspecify.annotations.NullMarked;
