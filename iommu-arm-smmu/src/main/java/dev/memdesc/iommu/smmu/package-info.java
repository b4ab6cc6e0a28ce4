/** Arm SMMUv3: Arm System Memory Management Unit Architecture Specification, IHI 0070. */
@NullMarked
package dev.memdesc.iommu.smmu;

import org.jspecify.annotations.NullMarked;
