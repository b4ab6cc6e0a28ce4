package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The text of the messages that people see most: the rule, the values, what to do. */
final class MessagesTest {
  private static final Attributes READ = Attributes.of(Access.READ);

  private final TinyMachine machine = TinyMachine.unstamped();
  private final AddressSpace space = machine.space;

  @AfterEach
  void everythingIsFreeAndValid() {
    machine.close();
  }

  @Test
  void alreadyMapped() {
    map(0x20, 0x1000, 0x20);
    assertThat(refused(Reason.ALREADY_MAPPED, () -> map(0, 0x2000, 0x80)))
        .isEqualTo(
            "a range that is mapped holds no entry yet: va=0x0000000000000020, found=leaf,"
                + " level=low, item=0x0000000000001008; unmap it first");
  }

  @Test
  void cutsLargeLeaf() {
    map(0x80, 0x1000, 0x80);
    assertThat(refused(Reason.CUTS_LARGE_LEAF, () -> unmap(0xa0, 0x60)))
        .isEqualTo(
            "a range begins and ends at the edges of the leaves in it: va=0x00000000000000a0,"
                + " last=0x00000000000000ff, leafVa=0x0000000000000080,"
                + " leafLast=0x00000000000000ff, found=leaf; use the whole leaf, or map it with"
                + " smaller ones");
  }

  @Test
  void vaOutsideFormat() {
    assertThat(refused(Reason.VA_OUTSIDE_FORMAT, () -> map(0x220, 0, 0x20)))
        .isEqualTo(
            "a va has no bits above bit 8: va=0x0000000000000220, format=tiny/2-level; the legal"
                + " va with the same low bits is 0x0000000000000020");
  }

  @Test
  void paTooWide() {
    assertThat(refused(Reason.PA_TOO_WIDE, () -> map(0, 0xffe0, 0x40)))
        .isEqualTo(
            "a pa has no bits above what the format holds: pa=0x000000000000ffe0,"
                + " length=0x0000000000000040, paBits=16, format=tiny/2-level");
  }

  @Test
  void misaligned() {
    assertThat(refused(Reason.MISALIGNED, () -> map(0x10, 0, 0x20)))
        .isEqualTo(
            "va and length are multiples of 32 bytes: format=tiny/2-level,"
                + " va=0x0000000000000010, length=0x0000000000000020");
  }

  @Test
  void zeroLength() {
    assertThat(refused(Reason.ZERO_LENGTH, () -> unmap(0x40, 0)))
        .isEqualTo(
            "a range has at least one byte: start=0x0000000000000040,"
                + " length=0x0000000000000000");
  }

  @Test
  void wraps() {
    assertThat(refused(Reason.WRAPS, () -> unmap(-0x20L, 0x40)))
        .isEqualTo(
            "a range ends at or before the last address: start=0xffffffffffffffe0,"
                + " length=0x0000000000000040");
  }

  @Test
  void pageSize() {
    assertThat(
            refused(
                Reason.PAGE_SIZE,
                () -> {
                  try (Gather gather = space.gather()) {
                    space.map(0x20, 0, 0x80, READ, PageSizes.ofLg2(7), gather);
                  }
                }))
        .isEqualTo(
            "va, pa and length are multiples of a leaf size that may be used:"
                + " va=0x0000000000000020, pa=0x0000000000000000, length=0x0000000000000080,"
                + " asked=128, exist=32/128, format=tiny/2-level");
  }

  @Test
  void outOfMemory() {
    machine.allocator.failNth(1);
    assertThat(refused(Reason.OUT_OF_MEMORY, () -> map(0x20, 0, 0x20)))
        .isEqualTo("the injected fault is not due: order=0");
  }

  @Test
  void notMapped() {
    assertThat(refused(Reason.NOT_MAPPED, () -> space.deposit(0x80)))
        .isEqualTo(
            "a deposit is made for a leaf of level 1: va=0x0000000000000080,"
                + " format=tiny/2-level");
  }

  @Test
  void aGatherOfAnotherSpace() {
    try (TinyMachine other = TinyMachine.unstamped();
        Gather gather = other.space.gather()) {
      assertThat(refused(Reason.FOREIGN, () -> space.map(0, 0, 0x20, READ, gather)))
          .isEqualTo(
              "a gather is used with the address space that made it: space=tiny, gather=tiny");
    }
  }

  @Test
  void closed() {
    TinyMachine other = TinyMachine.unstamped();
    other.close();
    assertThat(refused(Reason.CLOSED, () -> other.space.translate(0, other.reader())))
        .isEqualTo("an address space is used before it is closed: space=tiny");
  }

  private void map(long va, long pa, long length) {
    try (Gather gather = space.gather()) {
      space.map(va, pa, length, READ, gather);
    }
  }

  private void unmap(long va, long length) {
    try (Gather gather = space.gather()) {
      space.unmap(va, length, gather);
    }
  }

  private static String refused(Reason reason, Runnable call) {
    PageTableException e = catchThrowableOfType(PageTableException.class, call::run);
    assertThat(e).as("what is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(reason);
    return String.valueOf(e.getMessage());
  }
}
