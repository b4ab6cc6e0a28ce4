package dev.memdesc.core.descriptor;

import dev.memdesc.api.descriptor.Descriptor;
import dev.memdesc.api.descriptor.FragmentPage;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.spi.HardwareMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One reference per frame: what describes it, or null. The references are in sections that are
 * allocated when their first frame gets a descriptor, as in the kernel's sparse memory model, so
 * memory that is never used costs 4 bytes per 1024 frames.
 */
public final class DescriptorMap {
  private static final int SECTION_LG2 = 10;
  private static final int SECTION_FRAMES = 1 << SECTION_LG2;
  private static final VarHandle SECTIONS =
      MethodHandles.arrayElementVarHandle(Descriptor[][].class);
  private static final VarHandle ELEMENTS = MethodHandles.arrayElementVarHandle(Descriptor[].class);

  private final long firstPa;
  private final int frameLg2;
  private final long frames;
  // Element: read acquire, set once by CAS. Element of a section: acquire / release; written by
  // whoever owns the frame.
  private final @Nullable Descriptor[][] sections;

  /** A map for all frames of a memory, none of which has a descriptor. */
  public DescriptorMap(HardwareMemory memory) {
    this.firstPa = memory.firstPa();
    this.frameLg2 = memory.frameLg2();
    this.frames = memory.bytes() >>> frameLg2;
    this.sections =
        new Descriptor[Math.toIntExact((frames + SECTION_FRAMES - 1) >>> SECTION_LG2)][];
  }

  /** What describes the frame that {@code pa} lies in, or null: also for a pa of no frame. */
  public @Nullable Descriptor get(long pa) {
    long frame = (pa - firstPa) >>> frameLg2;
    if (frame >= frames) { // also a pa below the first: the shift is unsigned
      return null;
    }
    // Plain: a section is published whole and never replaced, and whoever asks for a table's pa got
    // it from an item that was stored after the table's descriptor was set.
    Descriptor[] section = sections[(int) (frame >>> SECTION_LG2)];
    return section == null
        ? null
        : (Descriptor) ELEMENTS.getAcquire(section, (int) frame & (SECTION_FRAMES - 1));
  }

  /**
   * The sections, for the engine, which asks them itself with {@link #at}: an object less on the
   * way to a lock.
   */
  public @Nullable Descriptor[][] sections() {
    return sections;
  }

  /** log2 of the bytes of memory whose sections an int can number. */
  public static int reachLg2(int frameLg2) {
    return frameLg2 + SECTION_LG2 + Integer.SIZE - 1;
  }

  /**
   * What describes the frame at a byte of memory, or null: also for a byte that memory does not
   * have, and -1.
   *
   * @param sections of the map
   * @param offset from the first byte of memory, below 2^{@link #reachLg2}; or -1
   * @param frameLg2 of the map's memory, a constant to the engine
   */
  public static @Nullable Descriptor at(
      @Nullable Descriptor[][] sections, long offset, int frameLg2) {
    // -1 becomes negative. The one test is the array's own, so the JIT makes no other.
    int index = (int) (offset >>> (frameLg2 + SECTION_LG2));
    if (Integer.compareUnsigned(index, sections.length) >= 0) {
      return null;
    }
    // Plain: as in get; and each load needs the one before it, down to the item that led here.
    Descriptor[] section = sections[index];
    return section == null ? null : section[(int) (offset >>> frameLg2) & (SECTION_FRAMES - 1)];
  }

  /**
   * The descriptor of the table whose first byte is at {@code pa}: a table of whole frames, or a
   * fragment. Null if no table begins there. A pa inside a table of whole frames finds that table.
   */
  public @Nullable TableDescriptor table(long pa) {
    Descriptor descriptor = get(pa);
    if (descriptor instanceof TableDescriptor table) {
      return table;
    }
    return descriptor instanceof FragmentPage page ? page.table(pa) : null;
  }

  /** Sets or removes what describes the frame at {@code pa}. The pa is one of this memory. */
  public void set(long pa, @Nullable Descriptor descriptor) {
    long frame = (pa - firstPa) >>> frameLg2;
    int at = (int) (frame >>> SECTION_LG2);
    Descriptor[] section = (Descriptor[]) SECTIONS.getAcquire(sections, at);
    if (section == null) {
      Descriptor[] fresh = new Descriptor[SECTION_FRAMES];
      Descriptor[] winner =
          (Descriptor[]) SECTIONS.compareAndExchange(sections, at, (Descriptor[]) null, fresh);
      section = winner == null ? fresh : winner;
    }
    // Pairs with the acquire in get.
    ELEMENTS.setRelease(section, (int) frame & (SECTION_FRAMES - 1), descriptor);
  }
}
