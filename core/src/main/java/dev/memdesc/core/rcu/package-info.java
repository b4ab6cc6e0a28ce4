/**
 * The flavours of RCU: one grace-period machine and one callback queue, readers of several kinds.
 */
@NullMarked
package dev.memdesc.core.rcu;

import org.jspecify.annotations.NullMarked;
