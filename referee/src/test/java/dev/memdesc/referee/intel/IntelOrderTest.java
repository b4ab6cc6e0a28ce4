package dev.memdesc.referee.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.QueueCounts;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.QemuNeeded;
import dev.memdesc.referee.iommu.UnitRing;
import dev.memdesc.referee.qtest.EduDevice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unhook, flush, free: what a device does in between, in QEMU's unit; and its queue and faults. */
final class IntelOrderTest {
  private static final String DEVICE_DATA = "DEVICE DATA 1234";
  private static final String OWNERS_DATA = "NEW OWNER SECRET";
  private static final long IOVA = 0x12_3456_7000L;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;

  private final List<IommuFault> faults = new ArrayList<>();

  @BeforeEach
  void needed() {
    QemuNeeded.check();
  }

  private static UnitRing ring(IntelSetting setting) {
    return ring(setting, (ram, registers) -> registers);
  }

  private static UnitRing ring(
      IntelSetting setting, BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    return new UnitRing(
        BackendRegistry.discover(null),
        "intel",
        setting,
        setting.qemu().orElseThrow(),
        2,
        1,
        between);
  }

  private static long frame(UnitRing ring) {
    return ring.machine().allocator().allocate(0, PageAllocator.ANY_NODE, PageAllocator.NO_LIMIT);
  }

  private static void store(UnitRing ring, long pa, String text) {
    ring.ram().store(pa, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(UnitRing ring, long pa) {
    return new String(ring.ram().load(pa, DEVICE_DATA.length()), StandardCharsets.US_ASCII);
  }

  /** Two devices in one domain; the first has the text in its buffer. */
  private static IommuDomain domain(UnitRing ring) {
    IommuDomain domain = ring.iommu().newDomain("domain");
    ring.devices().forEach(device -> domain.attach(device.bdf()));
    long source = ring.dataPa();
    store(ring, source, DEVICE_DATA);
    try (Gather gather = domain.gather()) {
      domain.map(0x8000_0000L, source, 0x1000, Attributes.USER_DATA, gather);
    }
    ring.devices().forEach(device -> device.read(0x8000_0000L, DEVICE_DATA.length()));
    return domain;
  }

  private List<IommuFault> poll(UnitRing ring) {
    faults.clear();
    ring.iommu().pollFaults(faults::add);
    return faults;
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void untilTheFlushDataLandsInTheOldPageAndThenItFaults(IntelSetting setting) {
    try (UnitRing ring = ring(setting)) {
      IommuDomain domain = domain(ring);
      EduDevice device = ring.devices().getFirst();
      long page = ring.dataPa() + 0x10000;
      try (Gather gather = domain.gather()) {
        domain.map(IOVA, page, 0x1000, Attributes.USER_DATA, gather);
        device.write(IOVA, DEVICE_DATA.length());
        store(ring, page, OWNERS_DATA);
        domain.unmap(IOVA, 0x1000, gather);
        device.write(IOVA, DEVICE_DATA.length());
        assertThat(text(ring, page)).as("stale").isEqualTo(DEVICE_DATA);
        assertThat(poll(ring)).isEmpty();

        store(ring, page, OWNERS_DATA);
        gather.flush();
        device.write(IOVA, 4);
        assertThat(text(ring, page)).isEqualTo(OWNERS_DATA);
        assertThat(poll(ring)).singleElement().satisfies(IntelOrderTest::isTheWrite);
      }
    }
  }

  private static void isTheWrite(IommuFault fault) {
    assertThat(fault.iova()).isEqualTo(IOVA);
    assertThat(fault.write()).isTrue();
    assertThat(fault.kind()).isEqualTo(IommuFault.Kind.NOT_MAPPED_OR_PERMISSION);
  }

  /** A frame is freed and has a new owner: after the flush nobody writes it, before it they do. */
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aFreedFrameIsNeverWrittenIfItIsFreedAfterTheFlush(IntelSetting setting) {
    try (UnitRing ring = ring(setting)) {
      IommuDomain domain = domain(ring);
      EduDevice device = ring.devices().getFirst();
      PageAllocator allocator = ring.machine().allocator();
      for (boolean ordered : new boolean[] {false, true}) {
        long frame = frame(ring);
        try (Gather gather = domain.gather()) {
          domain.map(IOVA, frame, 0x1000, Attributes.USER_DATA, gather);
          device.write(IOVA, DEVICE_DATA.length());
          domain.unmap(IOVA, 0x1000, gather);
          if (ordered) {
            gather.flush();
          }
          allocator.free(frame, 0);
          long again = frame(ring);
          assertThat(again).as("the new owner has the same frame").isEqualTo(frame);
          store(ring, again, OWNERS_DATA);
          device.write(IOVA, DEVICE_DATA.length());
          assertThat(text(ring, again)).isEqualTo(ordered ? OWNERS_DATA : DEVICE_DATA);
          gather.flush();
          allocator.free(again, 0);
        }
        assertThat(poll(ring)).hasSize(ordered ? 1 : 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void theQueueWraps(IntelSetting setting) {
    try (UnitRing ring = ring(setting)) {
      IommuDomain domain = domain(ring);
      try (Gather gather = domain.gather()) {
        for (int i = 0; i < 600; i++) {
          domain.map(IOVA, ring.dataPa(), 0x1000, Attributes.USER_DATA, gather);
          domain.unmap(IOVA, 0x1000, gather);
          gather.flush();
        }
      }
      QueueCounts counts = ring.iommu().commands();
      assertThat(counts.wraps()).isGreaterThanOrEqualTo(4);
      assertThat(counts.errors()).isZero();
    }
  }

  /** A unit that is told nothing until the queue is full; then a wait for room tells it all. */
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aFullQueueIsWaitedFor(IntelSetting setting) {
    try (UnitRing ring = ring(setting)) {
      IommuDomain domain = domain(ring);
      EduDevice device = ring.devices().getFirst();
      long page = ring.dataPa() + 0x100000;
      int pages = 700;
      try (Gather gather = domain.gather()) {
        for (int i = 0; i < pages; i++) {
          long iova = IOVA + i * 0x40_0000L;
          domain.map(iova, page, 0x1000, Attributes.USER_DATA, gather);
        }
        gather.flush();
        device.write(IOVA + (pages - 1) * 0x40_0000L, 4);
        for (int i = 0; i < pages; i++) {
          domain.unmap(IOVA + i * 0x40_0000L, 0x1000, gather);
        }
        gather.flush();
        assertThat(poll(ring)).isEmpty();
        device.write(IOVA + (pages - 1) * 0x40_0000L, 4);
        assertThat(poll(ring)).hasSize(1);
      }
      assertThat(ring.iommu().commands().errors()).isZero();
    }
  }

  /** One command of type 0xF: the unit stops, the command is replaced, nothing stays cached. */
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aMalformedCommandIsReplacedAndNothingIsLost(IntelSetting setting) {
    boolean[] spoil = new boolean[1];
    try (UnitRing ring = ring(setting, (ram, registers) -> new Spoiler(ram, registers, spoil))) {
      IommuDomain domain = domain(ring);
      EduDevice device = ring.devices().getFirst();
      long page = ring.dataPa() + 0x10000;
      try (Gather gather = domain.gather()) {
        for (int i = 1; i <= 3; i++) {
          domain.map(IOVA, page, 0x1000, Attributes.USER_DATA, gather);
          device.write(IOVA, 4);
          domain.unmap(IOVA, 0x1000, gather);
          spoil[0] = true;
          gather.flush();
          device.write(IOVA, 4);
          assertThat(poll(ring)).singleElement().satisfies(IntelOrderTest::isTheWrite);
          assertThat(ring.iommu().commands().errors()).isEqualTo(i);
        }
      }
    }
  }

  /** QEMU's unit has one record: a fault of another device is lost meanwhile, and that is said. */
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "SCALABLE"})
  void aFaultThatFoundNoRoomIsCounted(IntelSetting setting) {
    try (UnitRing ring = ring(setting)) {
      domain(ring);
      for (int i = 0; i < 3; i++) {
        ring.devices().get(0).write(IOVA, 4);
        ring.devices().get(1).write(IOVA + 0x1000, 4);
        faults.clear();
        assertThat(ring.iommu().pollFaults(faults::add)).isEqualTo(1);
        assertThat(faults).singleElement().satisfies(IntelOrderTest::isTheWrite);
        ring.devices().get(1).write(IOVA, 4);
        assertThat(ring.iommu().pollFaults(faults::add)).isZero();
        assertThat(faults).hasSize(2);
      }
    }
  }

  /** Overwrites the first command that is published when it is told to. */
  private static final class Spoiler implements UnitRegisters {
    private final GuestRam ram;
    private final UnitRegisters registers;
    private final boolean[] spoil;
    private long queue;
    private long seen;

    Spoiler(GuestRam ram, UnitRegisters registers, boolean[] spoil) {
      this.ram = ram;
      this.registers = registers;
      this.spoil = spoil;
    }

    @Override
    public long read32(int offset) {
      return registers.read32(offset);
    }

    @Override
    public long read64(int offset) {
      return registers.read64(offset);
    }

    @Override
    public void write32(int offset, long value) {
      registers.write32(offset, value);
    }

    @Override
    public void write64(int offset, long value) {
      if (offset == IQA) {
        queue = value & -4096L;
      } else if (offset == IQT) {
        if (spoil[0] && seen != value) {
          spoil[0] = false;
          ram.store(queue + seen, 0xF);
        }
        seen = value;
      }
      registers.write64(offset, value);
    }
  }
}
