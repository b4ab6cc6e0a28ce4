/** What QEMU's SMMUv3 is asked. */
@NullMarked
package dev.memdesc.referee.smmu;

import org.jspecify.annotations.NullMarked;
