package dev.memdesc.bench.rcu;

import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.bench.alloc.Side;
import dev.memdesc.core.rcu.RcuFlavour;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * Our sides and the JDK's. Each loop is a method of its own class, so that what the JIT knows of
 * one flavour does not spoil another one's.
 */
final class RcuSides {
  private static final String OURS = "memdesc";
  private static final VarHandle PUBLISHED;
  private static final int QUIESCENT_EVERY = 1024;

  static {
    try {
      PUBLISHED = MethodHandles.lookup().findVarHandle(Place.class, "value", Box.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private RcuSides() {}

  /** What readers find. */
  private static final class Box {
    private long value = 1;
  }

  /** Where they find it. */
  private static final class Place {
    @SuppressWarnings("UnusedVariable") // through PUBLISHED
    private volatile Box value = new Box();

    Box find() {
      return (Box) PUBLISHED.getAcquire(this);
    }
  }

  /** Sections in a loop; a subclass adds the loop. */
  private abstract static class Sections extends Side {
    final Rcu rcu;
    final Reader reader;
    final Place place = new Place();
    final int count;
    long sum;

    Sections(RcuFlavour flavour, int count) {
      super(OURS);
      this.rcu = flavour.open();
      this.reader = rcu.register();
      this.count = count;
    }

    @Override
    public void close() {
      reader.close();
      rcu.close();
    }
  }

  static Side asymmetric(int count) {
    return new Sections(RcuFlavour.ASYMMETRIC, count) {
      @Override
      protected void cycle() {
        Reader mine = reader;
        Place where = place;
        long found = 0;
        for (int i = count; i > 0; i--) {
          mine.enter();
          found += where.find().value;
          mine.exit();
        }
        sum += found;
      }
    };
  }

  static Side fenced(int count) {
    return new Sections(RcuFlavour.FENCED, count) {
      @Override
      protected void cycle() {
        Reader mine = reader;
        Place where = place;
        long found = 0;
        for (int i = count; i > 0; i--) {
          mine.enter();
          found += where.find().value;
          mine.exit();
        }
        sum += found;
      }
    };
  }

  static Side quiescent(int count) {
    return new Sections(RcuFlavour.QSBR, count) {
      @Override
      protected void cycle() {
        Reader mine = reader;
        Place where = place;
        long found = 0;
        for (int left = count; left > 0; left -= QUIESCENT_EVERY) {
          for (int i = Math.min(left, QUIESCENT_EVERY); i > 0; i--) {
            mine.enter();
            found += where.find().value;
            mine.exit();
          }
          mine.quiescent();
        }
        sum += found;
      }
    };
  }

  static Side stampedLock(int count) {
    StampedLock lock = new StampedLock();
    Place where = new Place();
    return new Side("StampedLock.readLock") {
      private long sum;

      @Override
      protected void cycle() {
        long found = 0;
        for (int i = count; i > 0; i--) {
          long stamp = lock.readLock();
          found += where.find().value;
          lock.unlockRead(stamp);
        }
        sum += found;
      }
    };
  }

  /** A head like the one in C: what is called clears a flag. */
  private static final class Node extends RcuHead {
    private boolean waiting;

    @Override
    protected void reclaim() {
      waiting = false;
    }
  }

  static Side call(int count, boolean besideReader) {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open();
    Node[] nodes = new Node[count];
    for (int i = 0; i < count; i++) {
      nodes[i] = new Node();
    }
    return new Side(OURS) {
      private @Nullable SpinningReader spinning;

      @Override
      protected void begin() {
        spinning = besideReader ? new SpinningReader(rcu) : null;
      }

      @Override
      protected void cycle() {
        for (Node node : nodes) {
          node.waiting = true;
          rcu.call(node);
        }
        rcu.barrier();
        for (Node node : nodes) {
          if (node.waiting) {
            throw new IllegalStateException("a barrier waits for every head");
          }
        }
      }

      @Override
      protected void end() {
        if (spinning != null) {
          spinning.close();
        }
      }

      @Override
      public void close() {
        rcu.close();
      }
    };
  }

  static Side defer(int count) {
    Rcu rcu = RcuFlavour.ASYMMETRIC.open();
    boolean[] waiting = new boolean[count];
    RcuBatch batch = rcu.batch(index -> waiting[(int) index] = false);
    return new Side(OURS) {
      @Override
      protected void cycle() {
        for (int i = 0; i < count; i++) {
          waiting[i] = true;
          batch.defer(i);
        }
        batch.flush();
        rcu.barrier();
        for (boolean waits : waiting) {
          if (waits) {
            throw new IllegalStateException("a barrier waits for every value");
          }
        }
      }

      @Override
      public void close() {
        batch.close();
        rcu.close();
      }
    };
  }

  /** A thread that reads all the time until it is closed. */
  private static final class SpinningReader implements AutoCloseable {
    private final Thread thread;
    private final Place place = new Place();
    private volatile boolean stop;

    @SuppressWarnings("UnusedVariable") // so that what is read is not dead
    private long sum;

    SpinningReader(Rcu rcu) {
      this.thread = Thread.ofPlatform().daemon().start(() -> read(rcu));
    }

    private void read(Rcu rcu) {
      try (Reader reader = rcu.register()) {
        while (!stop) {
          for (int i = 0; i < 64; i++) {
            reader.enter();
            sum += place.find().value;
            reader.exit();
          }
        }
      }
    }

    @Override
    public void close() {
      stop = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
