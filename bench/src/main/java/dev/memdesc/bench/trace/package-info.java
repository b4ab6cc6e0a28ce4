/** Traces of the kernel's iommu events as drivers cause them, drawn from a seed. */
@NullMarked
package dev.memdesc.bench.trace;

import org.jspecify.annotations.NullMarked;
