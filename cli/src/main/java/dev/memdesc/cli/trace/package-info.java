/** Reads traces of the kernel's iommu events, as ftrace, trace-cmd and perf print them. */
@NullMarked
package dev.memdesc.cli.trace;

import org.jspecify.annotations.NullMarked;
