package dev.memdesc.referee.qtest;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.Parts;
import dev.memdesc.referee.Qemu;
import dev.memdesc.referee.QemuProcess;
import dev.memdesc.referee.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A QEMU machine that runs without a program and does what its qtest socket says: RAM that is a
 * file, {@code edu} devices, and an IOMMU. QEMU and the files are gone after close.
 */
public final class QtestGuest implements AutoCloseable {
  /** Devices of a bus from the first slot that is free on every board. */
  private static final int FIRST_SLOT = 4;

  private static final int MOST_DEVICES = 24;
  private static final int SLOT_SHIFT = 3;
  private static final int BAR_LG2 = 20;
  private static final long POLL_MILLIS = 200;
  private static final int MOST_POLLS = 600;

  private final Parts parts = new Parts("a board");
  private final GuestRam ram;
  private final QemuProcess process;
  private final QtestSocket socket;
  private final PciBus pci;
  private final List<EduDevice> devices;

  /**
   * Starts a machine.
   *
   * @param count how many {@code edu} devices it has, 1..24
   * @throws PageTableException with {@link Reason#TOOL} if QEMU does not start
   */
  public QtestGuest(QtestBoard board, Qemu qemu, int count) {
    if (count < 1 || count > MOST_DEVICES) {
      throw PageTableException.because(Reason.INCONSISTENT, "a board has 1 to 24 devices")
          .with("devices", count)
          .build();
    }
    try {
      Scratch scratch = parts.with(Scratch.open());
      this.ram =
          parts.with(
              new GuestRam(
                  scratch.ram(), ByteOrder.LITTLE_ENDIAN, board.firstPa(), board.ramBytes()));
      Path path = scratch.socket();
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(path));
        this.process =
            parts.with(QemuProcess.start(command(board, qemu, count, scratch, path), scratch));
        this.socket = parts.with(new QtestSocket(accept(server, process), process::failure));
      }
      this.pci = board.pci();
      this.devices = IntStream.range(0, count).mapToObj(this::device).toList();
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static List<String> command(
      QtestBoard board, Qemu qemu, int count, Scratch scratch, Path socket) {
    List<String> command = new ArrayList<>(qemu.command());
    command.addAll(board.options(scratch.folder(), scratch.ram()));
    for (int i = 0; i < count; i++) {
      command.add("-device");
      command.add("edu,addr=0x%x.0,dma_mask=0xffffffffffffffff".formatted(FIRST_SLOT + i));
    }
    // Time stands still while the processor halts, and jumps to the next timer: a transfer, which
    // takes an edu 100 ms, is done at once.
    command.addAll(List.of("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"));
    command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    command.addAll(List.of("-qtest", "unix:" + socket + ",server=off", "-qtest-log", "none"));
    return command;
  }

  private static SocketChannel accept(ServerSocketChannel server, QemuProcess process)
      throws IOException {
    server.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      server.register(selector, SelectionKey.OP_ACCEPT);
      for (int i = 0; i < MOST_POLLS; i++) {
        selector.select(POLL_MILLIS);
        SocketChannel channel = server.accept();
        if (channel != null) {
          return channel;
        }
        process.requireAlive("its start");
      }
    }
    throw process.failure("QEMU connects within 2 minutes", "its start");
  }

  private EduDevice device(int index) {
    int bdf = (FIRST_SLOT + index) << SLOT_SHIFT;
    return new EduDevice(socket, pci, bdf, pci.windowPa() + ((long) index << BAR_LG2));
  }

  /** Its RAM. */
  public GuestRam ram() {
    return ram;
  }

  /** The connection. */
  public QtestSocket socket() {
    return socket;
  }

  /** The configuration space of its devices. */
  public PciBus pci() {
    return pci;
  }

  /** The devices, in the order of their numbers. */
  public List<EduDevice> devices() {
    return devices;
  }

  /** The registers of a unit. */
  public QtestRegisters registers(long basePa) {
    return new QtestRegisters(socket, basePa);
  }

  /** The processes, for tests. */
  public List<ProcessHandle> processes() {
    return process.processes();
  }

  /** Ends QEMU first and removes the files last. */
  @Override
  public void close() {
    parts.close();
  }
}
