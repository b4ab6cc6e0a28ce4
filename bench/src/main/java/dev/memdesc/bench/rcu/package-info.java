/** How fast RCU is beside liburcu and the locks of the JDK. */
@NullMarked
package dev.memdesc.bench.rcu;

import org.jspecify.annotations.NullMarked;
