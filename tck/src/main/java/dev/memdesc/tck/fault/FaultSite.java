package dev.memdesc.tck.fault;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuOptions;
import dev.memdesc.tck.ReferenceMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A machine for one operation that is made to fail: an address space whose hardware has to be told
 * to forget, a gather and a reader, all of one thread.
 */
abstract class FaultSite {
  /** The window begins here: high enough for tables of its own, and inside every format. */
  private static final long WINDOW = 1L << 31;

  private static final long MEMORY_BYTES = 64L << 20;
  private static final int SPANS = 4;

  final FaultInjector faults = new FaultInjector();
  private final FailingLog log = new FailingLog(faults);
  private @Nullable FaultyPages pages;
  private @Nullable Gather gather;
  private @Nullable ReferenceMap reference;
  private @Nullable Reader reader;
  private final List<AutoCloseable> others = new ArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<CountedHead> heads = new ArrayList<>();
  // One thread runs callbacks; this one reads when all have run.
  private final AtomicLong values = new AtomicLong();

  /** What to configure at a machine: memory, and the pages that may fail. */
  final Memdesc.Builder configured(Memdesc.Builder builder) {
    return builder
        .memoryBytes(MEMORY_BYTES)
        .allocator(
            (memory, descriptors, nodes) -> {
              pages = new FaultyPages(new BuddyPageAllocator(memory, descriptors, nodes), faults);
              return pages;
            })
        .rcu(() -> RcuFlavour.preferred().open(RcuOptions.DEFAULT, this::newThread));
  }

  private Thread newThread(Runnable work) {
    faults.pass(FaultPoint.THREAD);
    Thread made = Thread.ofPlatform().daemon().name("memdesc-rcu").unstarted(work);
    threads.add(made);
    return made;
  }

  /** No thread can be started from now on. */
  final void refuseThreads() {
    faults.armAlways(FaultPoint.THREAD);
  }

  /** Fails unless every thread that was started ends. */
  private void requireNoThread() {
    for (Thread one : threads) {
      try {
        // Whoever runs this is waited for with a bound.
        one.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  abstract Memdesc memdesc();

  /** The space under test. */
  abstract AddressSpace space();

  /** The unit stops answering; only where there is one. */
  abstract void silence();

  /** The unit refuses its next command; only where there is one. */
  abstract void refuseCommand();

  /** Hardware answers again. */
  abstract void recover();

  /** Whether hardware was told to forget something that it has not completed. */
  abstract boolean owes();

  final FaultInjector faults() {
    return faults;
  }

  final TableFormat format() {
    return space().format();
  }

  final long frame() {
    return format().frameBytes();
  }

  /** What a level-0 table spans; a leaf of level 1. */
  final long span() {
    return 1L << format().level(1).shift();
  }

  /** The first va of the window. */
  final long base() {
    VaRule rule = format().va();
    return rule.extension() == VaRule.Extension.ONES ? rule.extend(WINDOW) : WINDOW;
  }

  /** A place in the window. */
  final long va(long offset) {
    return base() + offset;
  }

  final Gather gather() {
    Gather open = gather;
    if (open == null) {
      open = space().gather();
      gather = open;
    }
    return open;
  }

  final Reader reader() {
    Reader open = reader;
    if (open == null) {
      open = memdesc().newReader();
      reader = open;
    }
    return open;
  }

  final ReferenceMap reference() {
    ReferenceMap map = reference;
    if (map == null) {
      map = new ReferenceMap(format(), base(), (int) (SPANS * span() / frame()));
      reference = map;
    }
    return map;
  }

  /** Maps a part of the window, before anything fails. */
  final void prepare(long offset, long pa, long length) {
    space().map(va(offset), pa, length, Attributes.USER_DATA, gather());
    reference().map(va(offset), pa, length);
  }

  /** Unmaps a part of the window, before anything fails. */
  final void prepareHole(long offset, long length) {
    space().unmap(va(offset), length, gather());
    reference().unmap(va(offset), length);
  }

  /** Closed, in the end, before the space is. */
  final <T extends AutoCloseable> T adopt(T other) {
    others.addFirst(other);
    return other;
  }

  /** Closes what was adopted and is of this type. */
  final void close(Class<? extends AutoCloseable> type) {
    for (AutoCloseable other : others) {
      if (type.isInstance(other)) {
        closeOne(other);
      }
    }
  }

  private static void closeOne(AutoCloseable other) {
    try {
      other.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("does not close: " + other, e);
    }
  }

  /** Somebody's callback is called. */
  final void callback() {
    faults.pass(FaultPoint.CALLBACK);
  }

  /** A head whose reclaim may fail. */
  final RcuHead head() {
    CountedHead head = new CountedHead();
    heads.add(head);
    return head;
  }

  /** A batch that counts what it takes, and whose reclaim may fail. */
  final RcuBatch batch() {
    return memdesc()
        .rcu()
        .batch(
            value -> {
              values.addAndGet(-value);
              faults.pass(FaultPoint.RECLAIM);
            });
  }

  /** Defers a value. */
  final void defer(RcuBatch batch, long value) {
    batch.defer(value);
    values.addAndGet(value);
  }

  private final class CountedHead extends RcuHead {
    private volatile int reclaimed;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread runs callbacks
    protected void reclaim() {
      reclaimed++;
      faults.pass(FaultPoint.RECLAIM);
    }
  }

  /** Waits until everything is free that was freed deferred, as far as it can be. */
  final void settle() {
    memdesc().rcu().barrier();
    memdesc().rcu().barrier();
  }

  /** Everything that is mapped: a line for each run of leaves and each SOFT entry. */
  final List<String> content() {
    List<String> found = new ArrayList<>();
    VaRule rule = format().va();
    long first = rule.extension() == VaRule.Extension.ONES ? rule.extend(0) : 0;
    boolean sign = rule.extension() == VaRule.Extension.SIGN;
    long last = rule.bits() == 64 ? -1L : first + ((1L << (rule.bits() - (sign ? 1 : 0))) - 1);
    MappingVisitor lines =
        new MappingVisitor() {
          @Override
          public void leaves(AddressRange range, long pa, int sizeLg2, Attributes attributes) {
            found.add("%s to %s by 2^%d %s".formatted(range, Hex.of(pa), sizeLg2, attributes));
          }

          @Override
          public void soft(AddressRange range, SoftEntry entry) {
            found.add("%s is %s".formatted(range, entry));
          }
        };
    space().visit(new AddressRange(first, last), lines, reader());
    return found;
  }

  /** Fails unless the tables agree with descriptors and counters, and the plain map with both. */
  final void checkValid() {
    List<String> violations =
        StructureChecker.check(space(), memdesc().memory(), memdesc().descriptors());
    if (!violations.isEmpty()) {
      throw new AssertionError("the structure is wrong: " + violations);
    }
    long end = va(SPANS * span());
    for (long va = base(); va != end; va += frame()) {
      long found = space().translate(va, reader());
      if (found != reference().translate(va)) {
        throw new AssertionError(
            "translates as the plain map does: va=%s, found=%s, expected=%s"
                .formatted(Hex.of(va), Hex.of(found), Hex.of(reference().translate(va))));
      }
    }
  }

  /** Closes the gather, if it is open. */
  final void closeGather() {
    Gather open = gather;
    if (open != null) {
      open.close();
    }
  }

  /** Closes the spaces, a step after the other; a subclass closes its unit too. */
  void closeSpaces(Consumer<Runnable> step) {
    step.accept(this::closeGather);
    others.forEach(other -> step.accept(() -> closeOne(other)));
    step.accept(space()::close);
  }

  /** Closes everything; fails if anything is left. */
  final void close() {
    close(Runnable::run);
  }

  /**
   * Closes everything; fails if anything is left.
   *
   * @param step runs each step
   */
  final void close(Consumer<Runnable> step) {
    try (log;
        Memdesc machine = memdesc()) {
      PageAllocator allocator = machine.allocator();
      step.accept(this::settle);
      closeSpaces(step);
      step.accept(this::settle);
      Reader open = reader;
      if (open != null) {
        open.close();
      }
      if (!space().counts().equals(emptyCounts())) {
        throw new AssertionError("something of the space is left: " + space().counts());
      }
      if (owes()) {
        throw new AssertionError("hardware was told of something and not waited for");
      }
      step.accept(machine.tableMemory()::trim);
      step.accept(machine::close);
      for (CountedHead head : heads) {
        if (head.reclaimed != 1) {
          throw new AssertionError("a head was reclaimed " + head.reclaimed + " times");
        }
      }
      if (values.get() != 0) {
        throw new AssertionError("every value is reclaimed once: left=" + values);
      }
      if (machine.rcu().statistics().backlog() != 0) {
        throw new AssertionError("callbacks are left: " + machine.rcu().statistics());
      }
      requireNoThread();
      if (pages != null) {
        pages.takeRefused();
      }
      if (allocator.allocatedBytes() != 0) {
        throw new AssertionError("bytes of frames are left: " + allocator.allocatedBytes());
      }
    }
  }

  private TableCounts emptyCounts() {
    return new TableAccount(space().format()).snapshot();
  }

  /** After a failure: what is not of this machine is as before. */
  final void abandon() {
    faults.disarm();
    log.close();
  }
}
