/** Intel's IOMMU, VT-d. */
@NullMarked
package dev.memdesc.iommu.intel;

import org.jspecify.annotations.NullMarked;
