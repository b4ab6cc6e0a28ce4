package dev.memdesc.referee;

import dev.memdesc.api.format.TableFormat;
import java.util.List;

/**
 * A guest architecture: which formats it can walk and how QEMU runs it. Implementations are
 * stateless, have a public constructor without parameters, and are found by {@link
 * java.util.ServiceLoader} beside the backend that they are for.
 */
public interface Guest {
  /** The name of the backend whose formats it walks. */
  String backend();

  /** Why QEMU cannot walk a format; empty if it can. */
  String obstacle(TableFormat format);

  /** What of a format QEMU does not see. This is the one place that says so. */
  List<Unseen> unseen(TableFormat format);

  /** The machine for a format that has no {@linkplain #obstacle obstacle}. */
  GuestMachine machine(TableFormat format);
}
