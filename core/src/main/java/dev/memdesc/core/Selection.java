package dev.memdesc.core;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;

/**
 * What was chosen at startup.
 *
 * @param backend the architecture
 * @param format one of its variants
 */
public record Selection(ArchBackend backend, TableFormat format) {}
