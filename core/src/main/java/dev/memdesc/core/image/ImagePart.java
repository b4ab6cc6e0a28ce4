package dev.memdesc.core.image;

/**
 * Bytes of physical memory that follow each other in a file too.
 *
 * @param pa of the first
 * @param offset of the first in the file
 * @param bytes how many, at least 1; {@code pa + bytes} does not wrap beyond 0
 */
public record ImagePart(long pa, long offset, long bytes) {
  /** The pa of the last byte. */
  public long lastPa() {
    return pa + (bytes - 1);
  }

  /** The same without its first bytes, up to {@code firstPa}, which lies in it. */
  ImagePart from(long firstPa) {
    long less = firstPa - pa;
    return new ImagePart(firstPa, offset + less, bytes - less);
  }
}
