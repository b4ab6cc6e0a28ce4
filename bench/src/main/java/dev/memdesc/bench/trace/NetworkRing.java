package dev.memdesc.bench.trace;

import java.util.random.RandomGenerator;

/**
 * A network card: a ring of receive buffers, each a page that is mapped and unmapped for every
 * packet, and packets to send of one to three pieces that the card is done with in order.
 */
final class NetworkRing implements Workload {
  private static final long PAGE = 4096;
  private static final long END = 1L << 32;
  private static final int RECEIVE_RING = 1024;
  private static final int SEND_RING = 512;
  private static final int MOST_PIECES = 3;

  /** Of a thousand steps, how many send. */
  private static final int SENDS = 400;

  private final RandomGenerator random;
  private final IovaAllocator iovas = new IovaAllocator(END);
  private final long[] receive = new long[RECEIVE_RING];
  private final long[] sendIova = new long[SEND_RING];
  private final long[] sendBytes = new long[SEND_RING];
  private int nextReceive;
  private int filled;
  private int oldestSend;
  private int sending;
  private boolean draining;

  NetworkRing(RandomGenerator random) {
    this.random = random;
  }

  @Override
  public void step(EventSink sink) {
    if (filled < RECEIVE_RING) {
      receive[filled++] = map(sink, PAGE);
    } else if (random.nextInt(1000) >= SENDS) {
      unmap(sink, receive[nextReceive], PAGE);
      receive[nextReceive] = map(sink, PAGE);
      nextReceive = (nextReceive + 1) % RECEIVE_RING;
    } else {
      send(sink);
    }
  }

  /** The queue fills for a while, then empties for a while. */
  private void send(EventSink sink) {
    if (random.nextInt(200) == 0) {
      draining = !draining;
    }
    boolean complete = random.nextInt(100) < (draining ? 65 : 40);
    if (sending == SEND_RING || (complete && sending > 0)) {
      unmap(sink, sendIova[oldestSend], sendBytes[oldestSend]);
      oldestSend = (oldestSend + 1) % SEND_RING;
      sending--;
    } else {
      int slot = (oldestSend + sending) % SEND_RING;
      sendBytes[slot] = PAGE * (1 + random.nextInt(MOST_PIECES));
      sendIova[slot] = map(sink, sendBytes[slot]);
      sending++;
    }
  }

  private long map(EventSink sink, long bytes) {
    long iova = iovas.allocate(bytes);
    sink.map(iova, TraceGenerator.pa(random, bytes), bytes);
    return iova;
  }

  private void unmap(EventSink sink, long iova, long bytes) {
    sink.unmap(iova, bytes);
    iovas.free(iova, bytes);
  }
}
