package dev.memdesc.referee;

import dev.memdesc.api.format.TableFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Chooses probes: every leaf in every way, the bytes beside what is mapped, holes, and addresses
 * that differ from mapped ones in a single bit.
 */
final class Prober {
  private static final int MOST_LEAVES = 160;
  private static final int STRAYS = 60;

  private final TableFormat format;
  private final DataFrames data;
  private final GuestMachine machine;
  private final SplittableRandom random;
  private long cookie = 0x0C00_C1E0_0000_0000L;

  Prober(TableFormat format, DataFrames data, GuestMachine machine, SplittableRandom random) {
    this.format = format;
    this.data = data;
    this.machine = machine;
    this.random = random;
  }

  /** Probes of everything in the book, in a random order. */
  List<Probe> probes(LeafBook book, PlainMap plain, Regime regime) {
    List<Probe> probes = new ArrayList<>();
    List<LeafBook.Entry> leaves = new ArrayList<>(book.all());
    while (leaves.size() > MOST_LEAVES) {
      int gone = random.nextInt(leaves.size());
      leaves.set(gone, leaves.getLast());
      leaves.removeLast();
    }
    leaves.forEach(leaf -> addLeaf(probes, leaf, regime));
    for (PlainMap.Range range : plain.all()) {
      addEveryKind(probes, book, range.va() - Long.BYTES, regime);
      addEveryKind(probes, book, range.last() + 1, regime);
      if (range.attributes() == null) {
        addEveryKind(probes, book, range.va() + random.nextLong(range.length()), regime);
      }
    }
    for (int i = 0; i < STRAYS; i++) {
      addStray(probes, book, plain, regime);
    }
    for (int i = probes.size() - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      Probe probe = probes.get(i);
      probes.set(i, probes.get(other));
      probes.set(other, probe);
    }
    return probes.subList(0, Math.min(probes.size(), GuestMachine.MOST_REQUESTS));
  }

  /** Probes of one chunk of data in a leaf, in every way. */
  List<Probe> probes(LeafBook.Entry leaf, long chunk, Regime regime) {
    List<Probe> probes = new ArrayList<>();
    for (Probe.Kind kind : Probe.Kind.values()) {
      add(probes, kind, leaf.va + (chunk - leaf.pa) + DataFrames.place(kind, random), regime);
    }
    return probes;
  }

  private void addLeaf(List<Probe> probes, LeafBook.Entry leaf, Regime regime) {
    long bytes = 1L << leaf.sizeLg2;
    if (leaf.pa < 0 || leaf.pa >= GuestRam.BYTES) {
      long at = leaf.va + random.nextLong(bytes);
      for (Probe.Kind kind : Probe.Kind.values()) {
        // What a guest would fetch beyond RAM is nothing that QEMU could go on with.
        if (kind != Probe.Kind.FETCH) {
          add(probes, kind, at, regime);
        }
      }
      return;
    }
    List<Long> chunks = data.in(leaf.pa, bytes);
    if (chunks.isEmpty()) {
      long at = leaf.va + random.nextLong(bytes);
      add(probes, Probe.Kind.LOCATE_LOAD, at, regime);
      add(probes, Probe.Kind.LOCATE_STORE, at, regime);
      return;
    }
    for (Probe.Kind kind : Probe.Kind.values()) {
      long chunk = chunks.get(random.nextInt(chunks.size()));
      add(probes, kind, leaf.va + (chunk - leaf.pa) + DataFrames.place(kind, random), regime);
    }
  }

  /** An address that is mapped is left to {@link #addLeaf}, which knows where its data is. */
  private void addEveryKind(List<Probe> probes, LeafBook book, long va, Regime regime) {
    if (book.at(va) == null) {
      for (Probe.Kind kind : Probe.Kind.values()) {
        add(probes, kind, va, regime);
      }
    } else {
      add(probes, Probe.Kind.LOCATE_LOAD, va, regime);
    }
  }

  private void addStray(List<Probe> probes, LeafBook book, PlainMap plain, Regime regime) {
    List<PlainMap.Range> all = plain.all();
    long va = random.nextLong();
    if (!all.isEmpty() && random.nextInt(8) > 0) {
      PlainMap.Range range = all.get(random.nextInt(all.size()));
      int bit = format.frameLg2() + random.nextInt(Long.SIZE - format.frameLg2());
      va = range.va() ^ 1L << bit;
    }
    LeafBook.Entry leaf = book.at(va);
    if (leaf == null) {
      Probe.Kind[] kinds = Probe.Kind.values();
      add(probes, kinds[random.nextInt(kinds.length)], va, regime);
    } else {
      addLeaf(probes, leaf, regime);
    }
  }

  private void add(List<Probe> probes, Probe.Kind kind, long address, Regime regime) {
    long va = address & -Long.BYTES;
    if (!machine.canProbe(va)) {
      return;
    }
    for (boolean user : new boolean[] {false, true}) {
      Probe probe = new Probe(kind, user, va, cookie++);
      if (regime.can(probe)) {
        probes.add(probe);
      }
    }
  }
}
