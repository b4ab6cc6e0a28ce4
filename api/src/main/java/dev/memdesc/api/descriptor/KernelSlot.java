package dev.memdesc.api.descriptor;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The bytes of Linux's 64-byte {@code struct ptdesc} in which the kernel keeps what this field
 * holds. Here every field has its own place; two fields whose slots overlap and that are in use at
 * the same time show that the kernel's unions would not do.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface KernelSlot {
  /** The kernel's name of the field, for reports. */
  String value();

  /** The first byte. */
  int offset();

  /** How many bytes. */
  int bytes();
}
