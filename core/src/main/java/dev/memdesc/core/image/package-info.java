/** Page tables in memory that somebody saved: raw images, ELF cores, the RAM files of QEMU. */
@NullMarked
package dev.memdesc.core.image;

import org.jspecify.annotations.NullMarked;
