/** Devices' DMA through QEMU's IOMMUs, and what should come of it. */
@NullMarked
package dev.memdesc.referee.iommu;

import org.jspecify.annotations.NullMarked;
