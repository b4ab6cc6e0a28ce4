package dev.memdesc.referee.iommu;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Parts;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.ScatteredAllocator;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.QtestBoard;
import dev.memdesc.referee.qtest.QtestGuest;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A QEMU machine with a unit and devices, and a machine of memdesc over the same RAM that has taken
 * the unit into use. Tables lie at random places of RAM's lower half, data in its upper half.
 */
public final class UnitRing implements AutoCloseable {
  private final Parts parts = new Parts("a unit");
  private final QtestGuest guest;
  private final Memdesc machine;
  private final Reader reader;
  private final Iommu iommu;
  private final long dataPa;

  /**
   * Starts everything; takes the registry, and closes it.
   *
   * @param devices how many there are
   * @param between what stands between memdesc and the unit's registers
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#TOOL} if QEMU
   *     does not start, or the unit is not one that the backend can use
   */
  public UnitRing(
      BackendRegistry registry,
      String backend,
      UnitSetting setting,
      Qemu qemu,
      int devices,
      long seed,
      BiFunction<GuestRam, UnitRegisters, UnitRegisters> between) {
    QtestBoard board = setting.board();
    this.dataPa = board.firstPa() + board.ramBytes() / 2;
    try {
      this.guest = parts.with(new QtestGuest(board, qemu, devices));
      long end = board.firstPa() + board.ramBytes();
      List<AddressRange> taken =
          List.of(
              // QEMU itself may keep something at the begin of RAM.
              new AddressRange(0, board.firstPa() + (1L << 20) - 1),
              new AddressRange(dataPa, end - 1));
      this.machine =
          parts.with(
              Memdesc.builder()
                  .registry(registry)
                  .arch(setting.machineFormat())
                  .sharedFile(guest.ram().file())
                  .firstPa(board.firstPa())
                  .memoryBytes(board.ramBytes())
                  .allocator(
                      (memory, descriptors, nodes) ->
                          new ScatteredAllocator(end, memory.frameLg2(), taken, seed))
                  .build());
      this.reader = parts.with(machine.newReader());
      this.iommu =
          parts.with(
              machine.openIommu(
                  backend, between.apply(guest.ram(), guest.registers(setting.unitPa()))));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The unit. */
  public Iommu iommu() {
    return iommu;
  }

  /** The machine whose memory the unit walks. */
  public Memdesc machine() {
    return machine;
  }

  /** This thread's reader. */
  public Reader reader() {
    return reader;
  }

  /** RAM. */
  public GuestRam ram() {
    return guest.ram();
  }

  /** The QEMU machine. */
  public QtestGuest guest() {
    return guest;
  }

  /** The devices. */
  public List<EduDevice> devices() {
    return guest.devices();
  }

  /** From where up to its end RAM is data's. */
  public long dataPa() {
    return dataPa;
  }

  /** Closes the unit first, then QEMU; files are removed last. */
  @Override
  public void close() {
    parts.close();
  }
}
