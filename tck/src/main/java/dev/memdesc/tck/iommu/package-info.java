/** The conformance kit for IOMMUs, and the models of units that it runs on. */
@NullMarked
package dev.memdesc.tck.iommu;

import org.jspecify.annotations.NullMarked;
