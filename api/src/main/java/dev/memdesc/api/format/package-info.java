/** What a page-table format is: records of masks, values and geometry, and one small pure codec. */
@NullMarked
package dev.memdesc.api.format;

import org.jspecify.annotations.NullMarked;
