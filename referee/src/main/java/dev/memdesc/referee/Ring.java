package dev.memdesc.referee;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A guest that runs and a machine of memdesc over the same RAM, for one format. Address spaces are
 * walked in it one after the other.
 */
final class Ring implements AutoCloseable {
  private final Parts parts = new Parts("a guest");
  private final Scratch scratch = parts.with(Scratch.open());
  private final Selection selection;
  private final GuestMachine guestMachine;
  private final GuestRam ram;
  private final DataFrames data;
  private final Memdesc machine;
  private final Reader reader;
  private final RunningGuest guest;
  private final AttributeDeck deck;
  private final SplittableRandom random;
  private int spaces;

  /** Starts everything; takes the registry, and closes it. Throws as {@link Referee#referee}. */
  Ring(BackendRegistry registry, Selection selection, Guest kind, SplittableRandom random) {
    this.selection = selection;
    this.random = random;
    TableFormat format = selection.format();
    try {
      this.guestMachine = kind.machine(format);
      Qemu qemu = Qemu.find(guestMachine.program());
      this.ram = parts.with(new GuestRam(scratch.ram(), guestMachine.order()));
      this.data = new DataFrames(ram, guestMachine, format, random.split());
      List<AddressRange> taken = new ArrayList<>(guestMachine.reservedPa());
      taken.addAll(data.ranges());
      long allocatorSeed = random.nextLong();
      this.machine =
          parts.with(
              Memdesc.builder()
                  .registry(registry)
                  .arch(format.name())
                  .sharedFile(ram.file())
                  .memoryBytes(GuestRam.BYTES)
                  .allocator(
                      (memory, descriptors, nodes) ->
                          new ScatteredAllocator(
                              memory.bytes(), memory.frameLg2(), taken, allocatorSeed))
                  .build());
      this.reader = parts.with(machine.newReader());
      this.guest = parts.with(RunningGuest.start(guestMachine, qemu.path(), ram, scratch));
      this.deck = new AttributeDeck(format, random.split());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** A new address space with things in it. Close it. */
  Bout newBout() {
    return new Bout(this, "table " + ++spaces, random.split());
  }

  Selection selection() {
    return selection;
  }

  GuestMachine guestMachine() {
    return guestMachine;
  }

  GuestRam ram() {
    return ram;
  }

  DataFrames data() {
    return data;
  }

  Memdesc machine() {
    return machine;
  }

  Reader reader() {
    return reader;
  }

  RunningGuest guest() {
    return guest;
  }

  AttributeDeck deck() {
    return deck;
  }

  /** Ends the guest first and removes the files last. */
  @Override
  public void close() {
    parts.close();
  }
}
