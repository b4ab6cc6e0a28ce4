package dev.memdesc.bench.alloc;

import dev.memdesc.api.SpinWait;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import java.util.concurrent.atomic.AtomicLong;

/** What fragments do in each question. */
final class FragmentSides {
  static final String OURS = "memdesc";

  private static final int RING = 1024;

  private FragmentSides() {}

  private abstract static class Fragments extends Side {
    final FragmentMachine machine;

    Fragments(int frameLg2, FragmentLayout layout) {
      super(OURS);
      this.machine = new FragmentMachine(frameLg2, layout);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  private static FragmentLayout layout(int bytes, int frameLg2) {
    return FragmentLayout.of(bytes, 1 << frameLg2);
  }

  /** One fragment at a time. */
  static Side pairs(int bytes, int frameLg2, int operations) {
    return new Fragments(frameLg2, layout(bytes, frameLg2)) {
      private final FragmentHandle handle = machine.pool.register();

      @Override
      protected void cycle() {
        for (int i = 0; i < operations; i++) {
          handle.free(handle.allocate());
        }
      }
    };
  }

  /** The same with fragments that are EMPTY, and known to be so when they come back. */
  static Side knownEmpty(int bytes, int frameLg2, int operations) {
    return new Fragments(frameLg2, layout(bytes, frameLg2).filledWith(0)) {
      private final FragmentHandle handle = machine.pool.register();

      @Override
      protected void cycle() {
        for (int i = 0; i < operations; i++) {
          handle.freeEmpty(handle.allocate());
        }
      }
    };
  }

  /** Batches that are freed in this order. */
  static Side batches(int bytes, int frameLg2, int[] order, int rounds) {
    long[] fragments = new long[order.length];
    return new Fragments(frameLg2, layout(bytes, frameLg2)) {
      private final FragmentHandle handle = machine.pool.register();

      @Override
      protected void cycle() {
        for (int round = 0; round < rounds; round++) {
          for (int i = 0; i < fragments.length; i++) {
            fragments[i] = handle.allocate();
          }
          for (int place : order) {
            handle.free(fragments[place]);
          }
        }
      }
    };
  }

  /** Deferred in this order, and all of them handed out again when they are free. */
  static Side deferred(int bytes, int frameLg2, int[] order) {
    long[] fragments = new long[order.length];
    return new Fragments(frameLg2, layout(bytes, frameLg2)) {
      private final FragmentHandle handle = machine.pool.register();

      @Override
      protected void cycle() {
        // Allocating is in the time: the pages of the last cycle are used again or new ones come.
        for (int i = 0; i < fragments.length; i++) {
          fragments[i] = handle.allocate();
        }
        for (int place : order) {
          handle.freeDeferred(fragments[place]);
        }
        machine.rcu.barrier();
      }
    };
  }

  /** This thread allocates, another frees; the ring is as the C side's. */
  static Side remote(int bytes, int frameLg2, int operations) {
    return new Fragments(frameLg2, layout(bytes, frameLg2)) {
      private final FragmentHandle handle = machine.pool.register();
      private final long[] ring = new long[RING];
      // Each in lines of its own: an object between them and padding around are not needed to be
      // exact here, the ring's array lies between.
      private final AtomicLong head = new AtomicLong();
      private final long[] apart = new long[16];
      private final AtomicLong tail = new AtomicLong();

      @Override
      protected void cycle() {
        head.setPlain(0);
        tail.setPlain(apart[0]);
        Thread consumer = Thread.ofPlatform().start(this::consume);
        for (int i = 0; i < operations; i++) {
          long fragment = handle.allocate();
          for (int tries = 0; i - tail.getAcquire() == RING; tries++) {
            SpinWait.pause(tries);
          }
          ring[i % RING] = fragment;
          head.setRelease(i + 1);
        }
        try {
          consumer.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException("the benchmark is not interrupted", e);
        }
      }

      private void consume() {
        for (int i = 0; i < operations; i++) {
          for (int tries = 0; head.getAcquire() == i; tries++) {
            SpinWait.pause(tries);
          }
          machine.pool.free(ring[i % RING]);
          tail.setRelease(i + 1);
        }
      }
    };
  }
}
