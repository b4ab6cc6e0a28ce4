package dev.memdesc.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Where the operations of a question take place: page {@code n} is at {@code va + n frames} and
 * maps to {@code pa + n frames}. The page numbers are kept twice, for Java and for C.
 */
public final class Places {
  /** One seed for all: both sides and all forks do the same. */
  private static final long SEED = 20261120;

  private final long va;
  private final long pa;
  private final int[] pages;
  private final MemorySegment nativePages;

  private Places(long va, long pa, int[] pages) {
    this.va = va;
    this.pa = pa;
    this.pages = pages;
    this.nativePages = Arena.global().allocate(ValueLayout.JAVA_INT, pages.length);
    MemorySegment.copy(pages, 0, nativePages, ValueLayout.JAVA_INT, 0, pages.length);
  }

  /** Each of {@code pages} pages once, shuffled. */
  public static Places shuffled(long va, long pa, int pages) {
    return new Places(va, pa, shuffle(ascending(pages)));
  }

  /** The same without the last of every {@code group} pages. */
  public static Places shuffledWithout(long va, long pa, int pages, int group) {
    int[] numbers = IntStream.range(0, pages).filter(n -> n % group != group - 1).toArray();
    return new Places(va, pa, shuffle(numbers));
  }

  private static int[] shuffle(int[] numbers) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = numbers.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int number = numbers[i];
      numbers[i] = numbers[j];
      numbers[j] = number;
    }
    return numbers;
  }

  /** Each of {@code pages} pages once, in their order. */
  public static Places inOrder(long va, long pa, int pages) {
    return new Places(va, pa, ascending(pages));
  }

  /** {@code count} of {@code pages} pages, drawn at random. */
  public static Places drawn(long va, long pa, int pages, int count) {
    return new Places(va, pa, new SplittableRandom(SEED).ints(count, 0, pages).toArray());
  }

  private static int[] ascending(int pages) {
    return IntStream.range(0, pages).toArray();
  }

  /** The va of page 0. */
  public long va() {
    return va;
  }

  /** The pa of page 0. */
  public long pa() {
    return pa;
  }

  /** Numbers of pages, in the order of the operations; nobody changes them. */
  public int[] pages() {
    return pages;
  }

  /** The same outside the heap. */
  public MemorySegment nativePages() {
    return nativePages;
  }

  /** pa - va. */
  public long delta() {
    return pa - va;
  }
}
