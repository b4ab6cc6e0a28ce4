/** The page tables of x86-64: Intel SDM volume 3 chapter 4, AMD APM volume 2 chapter 5. */
@NullMarked
package dev.memdesc.arch.x86;

import org.jspecify.annotations.NullMarked;
