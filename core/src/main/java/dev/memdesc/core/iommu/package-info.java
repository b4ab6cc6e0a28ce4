/** IOMMUs in use: the memory of their structures and queues, and domains on the engine. */
@NullMarked
package dev.memdesc.core.iommu;

import org.jspecify.annotations.NullMarked;
