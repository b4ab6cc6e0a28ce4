package dev.memdesc.tck.iommu;

import dev.memdesc.api.spi.HardwareMemory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A unit of no manual: a device table of words, each the pa of a context of two words (root and
 * number); a queue of commands of two words; faults in registers.
 */
final class SampleUnit implements ModelUnit {
  static final int TABLE = 0x00;
  static final int QUEUE = 0x08;
  static final int TAIL = 0x10;
  static final int HEAD = 0x14;
  static final int ERROR = 0x18;
  static final int FAULTS = 0x20;
  static final int FAULT_IOVA = 0x28;
  static final int FAULT_INFO = 0x30;
  static final int LOST = 0x38;

  static final int DEVICES = 64;
  static final int QUEUE_LG2 = 6;
  static final int ROOM = 4;
  static final int WRITE = 1 << 16;
  static final int NO_CONTEXT = 1 << 17;

  /** What the first word of a command says. */
  enum Command {
    NONE,
    FORGET_RANGE,
    FORGET_DOMAIN,
    FORGET_DEVICE,
    FORGET_ALL,
    WAIT
  }

  private final HardwareMemory memory;
  private final SortedMap<String, Long> commands = new TreeMap<>();
  private final Deque<long[]> faults = new ArrayDeque<>();
  private long table;
  private long queue;
  private int tail;
  private int head;
  private boolean error;
  private boolean paused;
  private boolean refuses;
  private boolean lost;

  SampleUnit(HardwareMemory memory) {
    this.memory = memory;
  }

  @Override
  public synchronized long read32(int offset) {
    return switch (offset) {
      case TAIL -> tail;
      case HEAD -> head;
      case ERROR -> error ? 1 : 0;
      case FAULTS -> faults.size();
      case LOST -> lost ? 1 : 0;
      default -> throw new AssertionError("no register of 32 bits at " + offset);
    };
  }

  @Override
  public synchronized long read64(int offset) {
    return switch (offset) {
      case FAULT_IOVA -> faults.getFirst()[0];
      case FAULT_INFO -> faults.getFirst()[1];
      default -> throw new AssertionError("no register of 64 bits at " + offset);
    };
  }

  @Override
  public synchronized void write32(int offset, long value) {
    switch (offset) {
      case TAIL -> tail = (int) value;
      case ERROR -> error = false;
      case FAULTS -> faults.removeFirst();
      case LOST -> lost = false;
      default -> throw new AssertionError("no register of 32 bits at " + offset);
    }
    consume();
  }

  @Override
  public synchronized void write64(int offset, long value) {
    switch (offset) {
      case TABLE -> table = value;
      case QUEUE -> {
        queue = value;
        head = 0;
        tail = 0;
        error = false;
      }
      default -> throw new AssertionError("no register of 64 bits at " + offset);
    }
  }

  private void consume() {
    while (!paused && !error && head != tail) {
      int opcode = (int) (memory.loadAcquire(queue + head * 16L) & 0xFF);
      if (refuses || opcode == 0 || opcode >= Command.values().length) {
        refuses = false;
        error = true;
        return;
      }
      commands.merge(Command.values()[opcode].name(), 1L, Long::sum);
      head = (head + 1) & ((1 << QUEUE_LG2) - 1);
    }
  }

  @Override
  public synchronized SortedMap<String, Long> commands() {
    return new TreeMap<>(commands);
  }

  private long count(Command command) {
    return commands.getOrDefault(command.name(), 0L);
  }

  @Override
  public synchronized long invalidations() {
    return count(Command.FORGET_RANGE) + count(Command.FORGET_DOMAIN) + count(Command.FORGET_ALL);
  }

  @Override
  public synchronized long completions() {
    return count(Command.WAIT);
  }

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public synchronized void resume() {
    paused = false;
    consume();
  }

  @Override
  public synchronized void refuseNext() {
    refuses = true;
  }

  @Override
  public synchronized void request(int device, int pasid, long iova, boolean write) {
    if (faults.size() == ROOM) {
      lost = true;
      return;
    }
    boolean attached = memory.loadAcquire(table + device * 8L) != 0;
    long info = device | (write ? WRITE : 0) | (attached ? 0 : NO_CONTEXT);
    faults.addLast(new long[] {iova, info});
  }

  @Override
  public int faultRoom() {
    return ROOM;
  }

  @Override
  public int unknownDevice() {
    return DEVICES;
  }
}
