/** The page tables of s390x: z/Architecture Principles of Operation, chapter 3. */
@NullMarked
package dev.memdesc.arch.s390;

import org.jspecify.annotations.NullMarked;
