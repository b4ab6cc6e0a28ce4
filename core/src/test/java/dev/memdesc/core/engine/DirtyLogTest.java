package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.GroupFormats;
import dev.memdesc.core.memory.PhysicalMemory;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DirtyLogTest {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final Attributes RW = Attributes.of(Access.READ, Access.WRITE);

  private final List<String> shown = new ArrayList<>();
  private final MappingVisitor visitor =
      (range, pa, sizeLg2, attributes) ->
          shown.add(
              "%x+%x of %d to %x%s"
                  .formatted(
                      range.start(),
                      range.length(),
                      1 << sizeLg2,
                      pa,
                      attributes.has(Access.DIRTY) ? " dirty" : ""));

  private @Nullable GroupMachine open;

  private GroupMachine use(TableFormat format) {
    GroupMachine machine = GroupMachine.of(format);
    open = machine;
    return machine;
  }

  @AfterEach
  void close() {
    if (open != null) {
      open.close();
    }
  }

  private long readAndClear(GroupMachine machine, long va, long length) {
    shown.clear();
    long bytes;
    try (Gather gather = machine.space.gather()) {
      bytes = machine.space.readAndClearDirty(va, length, visitor, gather);
      assertThat(gather.bytes()).as("what has to be invalidated").isEqualTo(bytes);
    }
    machine.checkValid();
    return bytes;
  }

  static Stream<TableFormat> formats() {
    return Stream.of(
        GroupFormats.stepped(),
        GroupFormats.alike(),
        GroupFormats.breaking(),
        GroupFormats.shortItems(),
        GroupFormats.shortSwapped());
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aGroupIsDirtyIfOneItemIsAndIsShownWhole(TableFormat format) {
    GroupMachine machine = use(format);
    machine.map(0, 0x1000, 0x60, RW);
    long clean = machine.item(0, 1);
    machine.setItem(0, 1, clean | GroupFormats.DIRTY);
    assertThat(readAndClear(machine, 0x20, 0x40)).isEqualTo(0x40);
    assertThat(shown).containsExactly("0+40 of 64 to 1000 dirty");
    assertThat(machine.item(0, 1)).isEqualTo(clean);
    assertThat(readAndClear(machine, 0, 0x80)).isZero();
    assertThat(shown).isEmpty();
  }

  @Test
  void leavesThatJoinAreOneCallAndOthersAreLeftAlone() {
    GroupMachine machine = use(GroupFormats.plain());
    machine.map(0, 0x1000, 0x60, RW, PageSizes.ofLg2(5));
    machine.putSoft(0x60, 5, new SoftEntry(SoftEntry.Kind.SWAP, 7));
    machine.map(0x80, 0x2080, 0x80, RW);
    for (int index : new int[] {0, 1, 2}) {
      machine.setItem(
          0, index, machine.item(0, index) | GroupFormats.DIRTY | GroupFormats.ACCESSED);
    }
    machine.setItem(1, 1, machine.item(1, 1) | GroupFormats.DIRTY);
    assertThat(readAndClear(machine, 0x20, 0x80)).isEqualTo(0x40 + 0x80);
    assertThat(shown).containsExactly("20+40 of 32 to 1020 dirty", "80+80 of 128 to 2080 dirty");
    assertThat(machine.item(0, 1) & GroupFormats.ACCESSED).as("accessed stays").isNotZero();
    assertThat(readAndClear(machine, 0, 0x100)).as("outside the range").isEqualTo(0x20);
  }

  @Test
  void whatWasReadBeforeAnInvalidItemIsShown() {
    GroupMachine machine = use(GroupFormats.plain());
    machine.map(0, 0x1000, 0x80, RW, PageSizes.ofLg2(5));
    machine.setItem(0, 0, machine.item(0, 0) | GroupFormats.DIRTY);
    long third = machine.item(0, 2);
    machine.setItem(0, 2, 1L << 16);
    try (Gather gather = machine.space.gather()) {
      assertThatThrownBy(() -> machine.space.readAndClearDirty(0, 0x80, visitor, gather))
          .extracting("reason")
          .isEqualTo(Reason.INVALID_ENTRY);
      assertThat(gather.bytes()).isEqualTo(0x20);
    }
    assertThat(shown).containsExactly("0+20 of 32 to 1000 dirty");
    machine.setItem(0, 2, third);
  }

  @Test
  void aFormatThatDoesNotSayIsRefused() {
    GroupMachine machine = use(TinyFormat.FORMAT);
    try (Gather gather = machine.space.gather()) {
      assertThatThrownBy(() -> machine.space.readAndClearDirty(0, 0x20, visitor, gather))
          .hasMessage("the format says what was written: format=tiny/2-level")
          .extracting("reason")
          .isEqualTo(Reason.ATTRIBUTE);
    }
  }

  @Test
  void noWriteOfHardwareIsLost() throws InterruptedException {
    GroupMachine machine = use(GroupFormats.plain());
    int pages = 64;
    machine.map(0, 0x1000, pages * 32L, RW, PageSizes.ofLg2(5));
    List<Long> addresses = new ArrayList<>();
    machine.space.visitTables(
        (level, va, table) -> {
          for (int i = 0; level == 0 && i < 4; i++) {
            addresses.add(machine.memory.address() + table.pa() + i * 8L);
          }
        },
        machine.reader);
    boolean little = machine.space.format().order() == ByteOrder.LITTLE_ENDIAN;
    long dirty =
        little == (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)
            ? GroupFormats.DIRTY
            : Long.reverseBytes(GroupFormats.DIRTY);
    AtomicLong firstWrites = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    Thread hardware =
        Thread.ofPlatform()
            .start(
                () -> {
                  SplittableRandom random = new SplittableRandom(1);
                  while (!stop.get()) {
                    int page = random.nextInt(pages);
                    long old =
                        (long)
                            LONG.getAndBitwiseOr(
                                PhysicalMemory.everythingSegment(),
                                (long) addresses.get(page),
                                dirty);
                    if ((old & dirty) == 0) {
                      firstWrites.getAndIncrement();
                    }
                  }
                });
    long bytes = 0;
    MappingVisitor nobody = (range, pa, sizeLg2, attributes) -> {};
    try (Gather gather = machine.space.gather()) {
      // On a busy machine the other thread begins long after this one.
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      for (int i = 0;
          i < 2000 || (firstWrites.get() < 1000 && System.nanoTime() - deadline < 0);
          i++) {
        bytes += machine.space.readAndClearDirty(0, pages * 32L, nobody, gather);
      }
      stop.set(true);
      hardware.join();
      bytes += machine.space.readAndClearDirty(0, pages * 32L, nobody, gather);
    }
    assertThat(firstWrites.get()).isPositive();
    assertThat(bytes / 32).as("every first write is shown once").isEqualTo(firstWrites.get());
    assertThat(machine.item(0, 0) & GroupFormats.DIRTY).isZero();
  }
}
