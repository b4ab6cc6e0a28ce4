package dev.memdesc.api;

import java.util.Locale;

/**
 * What a leaf says beside its address, in terms that every format understands. A format that cannot
 * express a combination refuses it with {@link Reason#ATTRIBUTE}.
 *
 * @param access the bits of {@link Access}
 * @param memoryType caching and ordering
 * @param protectionKey 0..15; 0 where the format has none
 * @param software the bits that the format leaves to software, lowest first; how many there are is
 *     the format's affair
 */
public record Attributes(int access, MemoryType memoryType, int protectionKey, int software) {
  /** User data: read, write, no fetch. */
  public static final Attributes USER_DATA = of(Access.READ, Access.WRITE, Access.USER);

  /** User code: read and fetch. */
  public static final Attributes USER_CODE = of(Access.READ, Access.EXECUTE, Access.USER);

  /** Kernel data: read, write, global, no fetch. */
  public static final Attributes KERNEL_DATA = of(Access.READ, Access.WRITE, Access.GLOBAL);

  /**
   * Checks the ranges.
   *
   * @throws PageTableException with {@link Reason#ATTRIBUTE}
   */
  public Attributes {
    if (access < 0
        || access >= 1 << Access.values().length
        || protectionKey < 0
        || protectionKey > 15
        || software < 0) {
      throw PageTableException.because(
              Reason.ATTRIBUTE, "access has 7 bits, a protection key 4, software bits are positive")
          .with("access", access)
          .with("protectionKey", protectionKey)
          .with("software", software)
          .build();
    }
  }

  /** Write-back memory with these and no other accesses, key 0, no software bits. */
  public static Attributes of(Access... accesses) {
    return ofBits(bits(accesses));
  }

  /** Write-back memory with these {@link Access} bits, key 0, no software bits. */
  public static Attributes ofBits(int access) {
    return new Attributes(access, MemoryType.WRITE_BACK, 0, 0);
  }

  /** Whether the access is allowed, or the state is set. */
  public boolean has(Access one) {
    return (access & one.bit()) != 0;
  }

  /** The same, and these. */
  public Attributes with(Access... more) {
    return new Attributes(access | bits(more), memoryType, protectionKey, software);
  }

  /** The same, but not these. */
  public Attributes without(Access... fewer) {
    return new Attributes(access & ~bits(fewer), memoryType, protectionKey, software);
  }

  /** The same in memory of another type. */
  public Attributes with(MemoryType type) {
    return new Attributes(access, type, protectionKey, software);
  }

  /** The same under another protection key, 0..15. */
  public Attributes withProtectionKey(int key) {
    return new Attributes(access, memoryType, key, software);
  }

  /** The same with other software bits. */
  public Attributes withSoftware(int bits) {
    return new Attributes(access, memoryType, protectionKey, bits);
  }

  /** Such as {@code rwx user accessed dirty write-back}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(has(Access.READ) ? 'r' : '-');
    text.append(has(Access.WRITE) ? 'w' : '-');
    text.append(has(Access.EXECUTE) ? 'x' : '-');
    text.append(has(Access.USER) ? " user" : " kernel");
    for (Access one : new Access[] {Access.GLOBAL, Access.ACCESSED, Access.DIRTY}) {
      if (has(one)) {
        text.append(' ').append(one.name().toLowerCase(Locale.ROOT));
      }
    }
    text.append(' ').append(memoryType.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    if (protectionKey != 0) {
      text.append(" key ").append(protectionKey);
    }
    if (software != 0) {
      text.append(" software 0x").append(Integer.toHexString(software));
    }
    return text.toString();
  }

  private static int bits(Access... accesses) {
    int bits = 0;
    for (Access one : accesses) {
      bits |= one.bit();
    }
    return bits;
  }
}
