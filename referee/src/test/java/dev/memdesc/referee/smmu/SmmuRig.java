package dev.memdesc.referee.smmu;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.IommuFault;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.Memdesc;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.qtest.ArmBoard;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.QtestGuest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A machine of QEMU with an SMMUv3 that walks tables in memdesc's memory, and some devices. */
final class SmmuRig implements AutoCloseable {
  static final Attributes RO = Attributes.of(READ, USER, ACCESSED);
  static final Attributes RW = RO.with(WRITE);

  static final long SMMU = 0x0905_0000L;

  /** What memdesc manages: data lies above. */
  private static final long MANAGED = 1L << 30;

  final QtestGuest guest;
  final Memdesc memdesc;
  final UnitRegisters registers;
  final Iommu iommu;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private long nextData;

  SmmuRig(int devices) {
    this(devices, UnaryOperator.identity(), Qemu.find("qemu-system-aarch64"));
  }

  SmmuRig(int devices, UnaryOperator<UnitRegisters> between, Qemu qemu) {
    ArmBoard board = new ArmBoard("virt,iommu=smmuv3", List.of());
    this.guest = new QtestGuest(board, qemu, devices);
    parts.add(guest);
    try {
      this.memdesc =
          Memdesc.builder()
              .arch("arm64/4k-48")
              .firstPa(board.firstPa())
              .memoryBytes(MANAGED)
              .sharedFile(guest.ram().file())
              .build();
      parts.add(memdesc);
      this.nextData = board.firstPa() + MANAGED;
      this.registers = between.apply(guest.registers(SMMU));
      this.iommu = memdesc.openIommu("arm-smmu", registers);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  EduDevice device(int index) {
    return guest.devices().get(index);
  }

  /** Memory that is nobody's, aligned to its size, a power of two. */
  long data(long bytes) {
    long pa = (nextData + bytes - 1) & -bytes;
    nextData = pa + bytes;
    return pa;
  }

  /** A frame that the machine's allocator hands out. */
  long frame() {
    return memdesc.allocator().allocate(0, PageAllocator.ANY_NODE, PageAllocator.NO_LIMIT);
  }

  void map(IommuDomain domain, long iova, long pa, long bytes, Attributes attributes) {
    with(domain, g -> domain.map(iova, pa, bytes, attributes, g));
  }

  void unmap(IommuDomain domain, long iova, long bytes) {
    with(domain, g -> domain.unmap(iova, bytes, g));
  }

  static void with(IommuDomain domain, Consumer<Gather> change) {
    try (Gather gather = domain.gather()) {
      change.accept(gather);
    }
  }

  /** Puts text into a device's buffer, over the page at an iova that it may read. */
  void load(EduDevice device, long iova, long pa, String text) {
    store(pa, text);
    device.read(iova, text.length());
  }

  void store(long pa, String text) {
    guest.ram().store(pa, text.getBytes(StandardCharsets.US_ASCII));
  }

  String text(long pa, int length) {
    return new String(guest.ram().load(pa, length), StandardCharsets.US_ASCII);
  }

  List<IommuFault> faults() {
    List<IommuFault> found = new ArrayList<>();
    iommu.pollFaults(found::add);
    return found;
  }

  @Override
  public void close() {
    for (AutoCloseable part : parts.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
