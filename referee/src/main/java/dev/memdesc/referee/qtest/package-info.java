/**
 * A QEMU that is driven from outside: registers, PCI configuration and devices' DMA over its qtest
 * socket, without a program in the guest.
 */
@NullMarked
package dev.memdesc.referee.qtest;

import org.jspecify.annotations.NullMarked;
