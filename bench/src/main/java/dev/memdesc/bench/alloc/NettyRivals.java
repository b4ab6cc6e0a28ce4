package dev.memdesc.bench.alloc;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;

/** Netty's two allocators of direct memory, caches on for every thread, leak detection off. */
final class NettyRivals {
  private NettyRivals() {}

  /** One buffer at a time. */
  static List<Side> pairs(int bytes, int operations) {
    return List.of(
        pairs("Netty pooled", PooledByteBufAllocator.DEFAULT, bytes, operations),
        pairs("Netty adaptive", new AdaptiveByteBufAllocator(true, true), bytes, operations));
  }

  private static Side pairs(String name, ByteBufAllocator allocator, int bytes, int operations) {
    return new Side(name) {
      @Override
      protected void cycle() {
        for (int i = 0; i < operations; i++) {
          allocator.directBuffer(bytes).release();
        }
      }
    };
  }

  /** Batches that are freed in this order. */
  static List<Side> batches(int bytes, int[] order, int rounds) {
    return List.of(
        batches("Netty pooled", PooledByteBufAllocator.DEFAULT, bytes, order, rounds),
        batches("Netty adaptive", new AdaptiveByteBufAllocator(true, true), bytes, order, rounds));
  }

  private static Side batches(
      String name, ByteBufAllocator allocator, int bytes, int[] order, int rounds) {
    ByteBuf[] buffers = new ByteBuf[order.length];
    return new Side(name) {
      @Override
      protected void cycle() {
        for (int round = 0; round < rounds; round++) {
          for (int i = 0; i < buffers.length; i++) {
            buffers[i] = allocator.directBuffer(bytes);
          }
          for (int place : order) {
            buffers[place].release();
          }
        }
      }
    };
  }
}
