package dev.memdesc.referee;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SpinWait;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A guest whose stub waits for batches. */
final class RunningGuest implements AutoCloseable {
  private static final int DONE = 8;
  private static final int COUNT = 0x10;
  private static final int REGISTERS = 0x18;
  private static final int OPERATION = 8;
  private static final int ARGUMENT = 0x10;
  private static final int STATUS = 0x28;

  /** No stub writes it: a request that keeps it was passed over. */
  private static final long NOT_DONE = 0x5A5A_5A5A_5A5A_5A5AL;

  private static final int SPINS = 20_000;
  private static final long PARK_NANOS = 50_000;
  private static final long MOST_NANOS = 120_000_000_000L;

  private final GuestMachine machine;
  private final GuestRam ram;
  private final QemuProcess process;
  private long batch;

  private RunningGuest(GuestMachine machine, GuestRam ram, QemuProcess process) {
    this.machine = machine;
    this.ram = ram;
    this.process = process;
  }

  /** Puts the stub into RAM and starts it. What a fetch finds must be in RAM already. */
  static RunningGuest start(GuestMachine machine, Path program, GuestRam ram, Scratch scratch) {
    machine.install(ram);
    return new RunningGuest(machine, ram, QemuProcess.start(machine, program, ram, scratch));
  }

  /**
   * Runs probes in their order, each after a flush of the TLB where {@code flush} says so.
   *
   * @throws PageTableException with {@link Reason#TOOL} if the guest does not answer
   */
  List<Outcome> run(Regime regime, List<Probe> probes, boolean[] flush) {
    for (int i = 0; i < probes.size(); i++) {
      Probe probe = probes.get(i);
      long request = request(i);
      ram.store(request, probe.va());
      ram.store(
          request + OPERATION, machine.operation(probe) | (flush[i] ? GuestMachine.FLUSH : 0));
      ram.store(request + ARGUMENT, probe.cookie());
      ram.store(request + STATUS, NOT_DONE);
    }
    long[] registers = regime.registers();
    for (int i = 0; i < registers.length; i++) {
      ram.store(machine.mailbox() + REGISTERS + (long) i * Long.BYTES, registers[i]);
    }
    ram.store(machine.mailbox() + COUNT, probes.size());
    ram.storeRelease(machine.mailbox(), ++batch);
    await(regime);
    List<Outcome> outcomes = new ArrayList<>(probes.size());
    for (int i = 0; i < probes.size(); i++) {
      if (ram.load(request(i) + STATUS) == NOT_DONE) {
        throw process.failure("the stub answers every request", probes.get(i).toString());
      }
      outcomes.add(located(probes.get(i).kind(), machine.outcome(ram, probes.get(i), request(i))));
    }
    return outcomes;
  }

  private static Outcome located(Probe.Kind kind, Outcome raw) {
    if (!raw.reached()) {
      return raw;
    }
    return switch (kind) {
      case LOAD -> Outcome.at(DataFrames.paOfWord(raw.address()));
      case FETCH -> Outcome.at(DataFrames.paOfTag(raw.address()));
      case STORE, LOCATE_LOAD, LOCATE_STORE -> raw;
    };
  }

  private long request(int index) {
    return machine.requests() + (long) index * GuestMachine.REQUEST_BYTES;
  }

  private void await(Regime regime) {
    long begin = System.nanoTime();
    for (int spins = 0; ram.loadAcquire(machine.mailbox() + DONE) != batch; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
        continue;
      }
      process.requireAlive(regime.title());
      if (System.nanoTime() - begin > MOST_NANOS) {
        throw process.failure("a batch is done within 2 minutes", regime.title());
      }
      SpinWait.park(PARK_NANOS);
    }
  }

  /** The processes, for tests. */
  List<ProcessHandle> processes() {
    return process.processes();
  }

  @Override
  public void close() {
    process.close();
  }
}
