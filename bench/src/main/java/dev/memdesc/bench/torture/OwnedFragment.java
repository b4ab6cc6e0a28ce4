package dev.memdesc.bench.torture;

import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.spi.HardwareMemory;

/**
 * A fragment that is out, and what its owner wrote into it: a different value in each word, told by
 * the generation, which no other fragment ever has; or nothing, so that it still is EMPTY.
 *
 * @param pool gave it out and takes it back
 * @param pa of its first byte
 * @param generation of its contents, or {@link #EMPTY}
 */
record OwnedFragment(FragmentPool pool, long pa, long generation) {
  /** Nothing was written. */
  static final long EMPTY = 0;

  /** In every word of a fragment from when it is handed out until it has new contents. */
  private static final long POISON = 0xdeadL << 48 | 0x6b6b6b6bL;

  private static final long NOT_FOUND = -1;

  /** Writes the contents. Nobody else knows the fragment. */
  void write(HardwareMemory memory) {
    if (generation != EMPTY) {
      memory.fill(pa, pool.layout().fragmentBytes(), POISON);
      for (int offset = 0; offset < pool.layout().fragmentBytes(); offset += Long.BYTES) {
        memory.storeRelease(pa + offset, word(offset));
      }
    }
  }

  /** Makes it EMPTY again, as by the owner of a table with no entries left. */
  OwnedFragment clear(HardwareMemory memory) {
    for (int offset = 0; offset < pool.layout().fragmentBytes(); offset += Long.BYTES) {
      memory.storeRelease(pa + offset, emptyWord(offset));
    }
    return new OwnedFragment(pool, pa, EMPTY);
  }

  /** Adds a violation of the rule if not every word is what was written. */
  void check(HardwareMemory memory, Violations violations, String rule) {
    long offset = firstWrong(memory);
    if (offset != NOT_FOUND) {
      long found = memory.loadAcquire(pa + offset);
      violations.add(
          "%s: fragments=%d, pa=0x%x, offset=%d, found=%s, needed=%s, thread=%s"
              .formatted(
                  rule,
                  pool.layout().fragments(),
                  pa,
                  offset,
                  nameOf(found, (int) offset),
                  nameOf(word((int) offset), (int) offset),
                  Thread.currentThread().getName()));
    }
  }

  private long firstWrong(HardwareMemory memory) {
    for (int offset = 0; offset < pool.layout().fragmentBytes(); offset += Long.BYTES) {
      if (memory.loadAcquire(pa + offset) != word(offset)) {
        return offset;
      }
    }
    return NOT_FOUND;
  }

  private long word(int offset) {
    return generation == EMPTY ? emptyWord(offset) : generation + offset;
  }

  private long emptyWord(int offset) {
    FragmentLayout layout = pool.layout();
    FragmentLayout.Contents contents = layout.contents();
    if (contents == null) {
      throw new IllegalStateException("tortured fragments have contents: " + layout);
    }
    return offset < layout.fragmentBytes() - contents.shadowBytes()
        ? contents.word()
        : contents.shadowWord();
  }

  private String nameOf(long word, int offset) {
    if (word == emptyWord(offset)) {
      return "EMPTY";
    }
    return word == POISON ? "poison" : "generation 0x%x".formatted(word - offset);
  }
}
