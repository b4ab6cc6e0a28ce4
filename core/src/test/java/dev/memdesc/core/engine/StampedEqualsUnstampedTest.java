package dev.memdesc.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.core.memory.HeapMemory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The un-stamped engine over a {@code long[]} and the stamped one over physical memory give the
 * same words and the same results, so what is found about the one is true of the other.
 */
final class StampedEqualsUnstampedTest {
  private static final int OPERATIONS = 1_000_000;
  private static final long VA_BYTES = 1 << 9;

  @Test
  void randomOperationsGiveTheSameWordsAndResults() {
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println("stamped equals un-stamped: -Dmemdesc.seed=" + seed);
    try (TinyMachine one = TinyMachine.unstamped();
        TinyMachine other = TinyMachine.stamped()) {
      SplittableRandom random = new SplittableRandom(seed);
      try (Gather oneGather = one.space.gather();
          Gather otherGather = other.space.gather()) {
        for (int i = 0; i < OPERATIONS; i++) {
          long operation = random.nextLong();
          String result = run(one, oneGather, operation);
          if (!result.equals(run(other, otherGather, operation))) {
            throw new AssertionError("operation " + i + " differs: " + result);
          }
          if (i % 64 == 0) {
            oneGather.flush();
            otherGather.flush();
            one.gracePeriod();
            other.gracePeriod();
          }
          if (i % 8192 == 0) {
            sameWords(one, other);
            one.checkValid();
          }
        }
      }
      sameWords(one, other);
    }
  }

  private static void sameWords(TinyMachine one, TinyMachine other) {
    long[] words = ((HeapMemory) one.memory).words();
    for (int i = 0; i < words.length; i++) {
      assertThat(other.memory.loadAcquire(i * 8L)).as("word %d", i).isEqualTo(words[i]);
    }
    assertThat(other.space.counts()).isEqualTo(one.space.counts());
  }

  /** Runs the operation that the bits of a random number say; the result as text. */
  private static String run(TinyMachine machine, Gather gather, long bits) {
    SplittableRandom random = new SplittableRandom(bits);
    long va = random.nextLong(VA_BYTES + 64) & -32;
    long length = (1 + random.nextLong(random.nextBoolean() ? 4 : 18)) << 5;
    long pa = random.nextBoolean() ? va + 512 : random.nextLong(1 << 11) << 5;
    Attributes attributes = Attributes.of(random.nextBoolean() ? Access.READ : Access.WRITE);
    try {
      return switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          machine.space.map(va, pa, length, attributes, gather);
          yield "mapped";
        }
        case 3 -> {
          machine.space.map(va, pa, length, attributes, PageSizes.ofLg2(5), gather);
          yield "mapped small";
        }
        case 4 -> {
          SoftEntry entry = new SoftEntry(SoftEntry.Kind.SWAP, random.nextLong(100));
          machine.space.putSoft(va, random.nextBoolean() ? 5 : 7, entry, gather);
          yield "soft";
        }
        case 5 -> "protected " + machine.space.protect(va, length, attributes, gather);
        case 6 -> "translated " + machine.space.translate(va, machine.reader());
        default -> "unmapped " + machine.space.unmap(va, length, gather);
      };
    } catch (PageTableException e) {
      return e.reason() + " " + e.getMessage();
    }
  }
}
