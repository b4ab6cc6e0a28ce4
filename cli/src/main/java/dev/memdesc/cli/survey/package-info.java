/** What the page tables of live processes cost: read, rebuild in memdesc's memory, report. */
@NullMarked
package dev.memdesc.cli.survey;

import org.jspecify.annotations.NullMarked;
