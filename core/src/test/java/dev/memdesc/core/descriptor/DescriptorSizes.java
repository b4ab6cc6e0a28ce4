package dev.memdesc.core.descriptor;

import dev.memdesc.api.descriptor.FreeBlock;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.core.fragment.PageBytes;
import dev.memdesc.core.memory.PhysicalMemory;
import org.openjdk.jol.info.GraphLayout;
import org.openjdk.jol.vm.VM;

/** Measures descriptors in a JVM of its own, whose flags {@link DescriptorSizesTest} chooses. */
public final class DescriptorSizes {
  private static final int FRAMES = 1 << 20;
  private static final int SECTION_FRAMES = 1 << 10;

  private DescriptorSizes() {}

  /** Prints names and bytes, one measurement a line. */
  public static void main(String[] args) {
    print("TableDescriptor", VM.current().sizeOf(new TableDescriptor()));
    for (int fragments : new int[] {2, 4, 16, 256, 4096}) {
      print("fragments " + fragments, PageBytes.of(fragments, false));
      print("tables " + fragments, PageBytes.of(fragments, true));
    }
    print("FreeBlock", VM.current().sizeOf(new FreeBlock()));
    try (PhysicalMemory memory = PhysicalMemory.anonymous(1 << 30, (long) FRAMES << 12, 12)) {
      DescriptorMap map = new DescriptorMap(memory);
      long empty = size(map);
      print("empty map", empty);
      FreeBlock block = new FreeBlock();
      long own = VM.current().sizeOf(block);
      for (int frame = 0; frame < FRAMES; frame += SECTION_FRAMES / 2) {
        map.get((1L << 30) + ((long) frame << 12));
      }
      print("map after reading", size(map));
      map.set(1L << 30, block);
      print("one section", size(map) - own - empty);
      for (int frame = 0; frame < FRAMES; frame++) {
        map.set((1L << 30) + ((long) frame << 12), block);
      }
      print("full map", size(map) - own);
    }
  }

  private static long size(Object root) {
    return GraphLayout.parseInstance(root).totalSize();
  }

  private static void print(String what, long bytes) {
    System.out.println(what + "=" + bytes);
  }
}
