package dev.memdesc.core.stamp;

import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

/**
 * Finds or makes the stamp of a format. All engines of a format share one stamp, so that what the
 * JIT learnt stays; a stamp is unloaded when no engine of it is left.
 */
public final class Stamps {
  // Guarded by the class. The values are weak: a stamp refers to its format, which is the key.
  private static final Map<TableFormat, WeakReference<StampLoader>> KNOWN = new WeakHashMap<>();

  private Stamps() {}

  /** What makes engines of a format. */
  public static synchronized Function<EngineContext, TableEngine> of(TableFormat format) {
    WeakReference<StampLoader> known = KNOWN.get(format);
    StampLoader loader = known == null ? null : known.get();
    if (loader == null) {
      loader = new StampLoader(format, false);
      KNOWN.put(format, new WeakReference<>(loader));
    }
    return loader::newEngine;
  }

  /** What makes engines of a copy of its own that reports to {@link MemoryCounts}. */
  public static Function<EngineContext, TableEngine> counting(TableFormat format) {
    return new StampLoader(format, true)::newEngine;
  }
}
