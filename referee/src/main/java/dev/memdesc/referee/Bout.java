package dev.memdesc.referee;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.RegisterValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;

/** One random address space and the guest that walks it. */
final class Bout implements AutoCloseable {
  private final Ring ring;
  private final String name;
  private final SplittableRandom random;
  private final AddressSpace space;
  private final Gather gather;
  private final RandomSpace content;
  private final LeafBook book;
  private final Prober prober;
  private final List<Mismatch> mismatches = new ArrayList<>();
  private long accesses;
  private long leaves;

  Bout(Ring ring, String name, SplittableRandom random) {
    this.ring = ring;
    this.name = name;
    this.random = random;
    this.space = ring.machine().newAddressSpace(name);
    this.gather = space.gather();
    GuestMachine machine = ring.guestMachine();
    this.content =
        new RandomSpace(
            space, ring.data(), ring.deck(), machine.reservedVa(), true, random.split());
    this.book = new LeafBook(space, content.plain());
    this.prober = new Prober(space.format(), ring.data(), machine, random.split());
  }

  /** Maps, unmaps, protects and puts SOFT entries, some of each. */
  void change(int steps) {
    for (int i = 0; i < steps; i++) {
      switch (random.nextInt(12)) {
        case 0 -> content.unmap(gather);
        case 1, 2 -> content.protect(gather);
        case 3 -> content.putSoft(gather);
        default -> content.map(gather);
      }
    }
    gather.flush();
    compareLeaves("after changes");
  }

  /** Has the guest probe everything under one random regime. */
  void probe() {
    compareLeaves(walk(regime -> prober.probes(book, content.plain(), regime)));
  }

  /**
   * Has the guest probe one chunk of data through a leaf, without a look at the leaves afterwards.
   */
  void probe(LeafBook.Entry leaf, long chunk, Predicate<Probe> filter) {
    walk(regime -> prober.probes(leaf, chunk, regime).stream().filter(filter).toList());
  }

  /** Runs a batch under one random regime; returns what was set. */
  private String walk(Function<Regime, List<Probe>> choice) {
    List<RegisterValue> activation =
        ring.selection().backend().activation(space.format(), space.rootPa(), 0);
    Regime regime = ring.guestMachine().regime(ring.ram(), activation, random);
    List<Probe> probes = choice.apply(regime);
    boolean[] flush = new boolean[probes.size()];
    for (int i = 0; i < flush.length; i++) {
      flush[i] = random.nextInt(8) == 0;
    }
    List<Outcome> outcomes = ring.guest().run(regime, probes, flush);
    Map<Long, Probe> stored = new LinkedHashMap<>();
    for (int i = 0; i < flush.length; i++) {
      compare(regime, probes.get(i), outcomes.get(i), stored);
    }
    stored.forEach((pa, probe) -> compareStored(regime, pa, probe));
    return regime.title();
  }

  private void compare(Regime regime, Probe probe, Outcome seen, Map<Long, Probe> stored) {
    accesses++;
    LeafBook.Entry leaf = book.at(probe.va());
    Page page = leaf == null ? null : leaf.page(probe.va());
    Outcome expected = regime.expect(probe, page, book.stopLevel(probe.va()));
    if (!matches(probe.kind(), expected, seen)) {
      mismatch(regime.title() + ": " + probe, describe(expected), describe(seen), probe.va());
    }
    if (leaf != null && page != null) {
      leaf.attributes = regime.after(probe, page, expected);
      if (expected.reached()
          && probe.kind() == Probe.Kind.STORE
          && ring.ram().has(expected.address())) {
        stored.put(expected.address(), probe);
      }
    }
  }

  private boolean matches(Probe.Kind kind, Outcome expected, Outcome seen) {
    if (expected.fault() != seen.fault()) {
      return false;
    }
    // Where a store went is in RAM; what is beyond RAM holds no word that could tell.
    boolean told =
        !expected.reached()
            || (kind != Probe.Kind.STORE
                && (!kind.touches() || ring.ram().has(expected.address())));
    return !told || expected.address() == seen.address();
  }

  private void compareStored(Regime regime, long pa, Probe last) {
    long found = ring.ram().load(pa);
    if (found != last.cookie()) {
      mismatch(
          regime.title() + ": " + last,
          Hex.of(last.cookie()) + " at pa " + Hex.of(pa),
          Hex.of(found),
          last.va());
    }
    ring.data().restore(pa);
  }

  /** Reads the leaves and compares them with the plain map and with what hardware set. */
  void compareLeaves(String when) {
    List<String> differences = book.readAgain(ring.reader());
    leaves += book.all().size();
    for (String difference : differences) {
      mismatches.add(new Mismatch(name + ", " + when + ": " + difference));
    }
  }

  private void mismatch(String what, String expected, String seen, long va) {
    TableFormat format = space.format();
    mismatches.add(
        new Mismatch(
            "%s, %s, %s%n  expected: %s%n  QEMU:     %s%n%s"
                .formatted(
                    format,
                    name,
                    what,
                    expected,
                    seen,
                    Explanation.of(format, ring.ram(), space.rootPa(), va))));
  }

  private String describe(Outcome outcome) {
    if (!outcome.reached()) {
      return ring.guestMachine().describe(outcome.fault())
          + ", address "
          + Hex.of(outcome.address());
    }
    return outcome.address() == Outcome.BEYOND_RAM
        ? "no fault, but not data of the referee's"
        : "no fault, pa " + Hex.of(outcome.address());
  }

  /** Maps one leaf. */
  void mapLeaf(long va, long pa, int sizeLg2, Attributes attributes) {
    content.map(va, pa, 1L << sizeLg2, attributes, PageSizes.ofLg2(sizeLg2), gather);
    compareLeaves("after a map");
  }

  /** The address space. */
  AddressSpace space() {
    return space;
  }

  /** Its leaves, as they should be. */
  LeafBook book() {
    return book;
  }

  /** What differed. */
  List<Mismatch> mismatches() {
    return mismatches;
  }

  /** How many probes were compared. */
  long accesses() {
    return accesses;
  }

  /** How many leaves were compared. */
  long leaves() {
    return leaves;
  }

  @Override
  public void close() {
    gather.close();
    space.close();
  }
}
