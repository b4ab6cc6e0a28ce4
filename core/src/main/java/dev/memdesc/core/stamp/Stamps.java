package dev.memdesc.core.stamp;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

/**
 * Finds or makes the stamp of a format. All engines of a format share one stamp, so that what the
 * JIT learnt stays; a stamp is unloaded when no engine of it is left.
 *
 * <p>Memory that begins at pa 0, as nearly all does, has a stamp of its own: there a pa is an
 * offset too, and a walk has nothing to subtract at each level. So has memory whose frames are not
 * the format's, as an IOMMU's format may find it.
 */
public final class Stamps {
  // Guarded by the class. The values are weak: a stamp refers to its format, which is the key.
  private static final Map<TableFormat, Map<MemoryKind, WeakReference<StampLoader>>> KNOWN =
      new WeakHashMap<>();

  private Stamps() {}

  /** What makes engines of a format for tables in {@code memory}. */
  public static synchronized Function<EngineContext, TableEngine> of(
      TableFormat format, HardwareMemory memory) {
    MemoryKind kind = MemoryKind.of(memory);
    Map<MemoryKind, WeakReference<StampLoader>> known =
        KNOWN.computeIfAbsent(format, _ -> new HashMap<>());
    WeakReference<StampLoader> reference = known.get(kind);
    StampLoader loader = reference == null ? null : reference.get();
    if (loader == null) {
      loader = new StampLoader(format, kind, false);
      known.put(kind, new WeakReference<>(loader));
    }
    return loader::newEngine;
  }

  /** What makes engines of a copy of its own that reports to {@link MemoryCounts}. */
  public static Function<EngineContext, TableEngine> counting(
      TableFormat format, HardwareMemory memory) {
    return new StampLoader(format, MemoryKind.of(memory), true)::newEngine;
  }
}
