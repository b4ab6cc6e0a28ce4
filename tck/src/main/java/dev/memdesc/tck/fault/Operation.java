package dev.memdesc.tck.fault;

import dev.memdesc.tck.ReferenceMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One operation of the public face.
 *
 * @param name for messages
 * @param applies whether a site can do it
 * @param before makes what has to be there; nothing fails in it
 * @param run does it; called again after it failed
 * @param effect does to a plain map of the window what {@code run} does to the space
 * @param keepsStructure whether tables and leaf sizes are as before when it fails, and not only
 *     what is translated
 */
record Operation(
    String name,
    Predicate<FaultSite> applies,
    Consumer<FaultSite> before,
    Consumer<FaultSite> run,
    BiConsumer<FaultSite, ReferenceMap> effect,
    boolean keepsStructure) {
  /** What has to be there before an operation that needs nothing. */
  static void nothing(FaultSite site) {}

  /** Closes everything, one after the other, and each again if it failed. */
  static Operation closing(Consumer<FaultSite> before) {
    return of("close everything", before, _ -> {});
  }

  /** Whether it is the end that is made to fail. */
  boolean closes() {
    return name.equals("close everything");
  }

  /** Of any site; changes no translation. */
  static Operation of(String name, Consumer<FaultSite> before, Consumer<FaultSite> run) {
    return new Operation(name, _ -> true, before, run, (_, _) -> {}, true);
  }

  /** The same where a site can do it. */
  Operation where(Predicate<FaultSite> can) {
    return new Operation(name, can, before, run, effect, keepsStructure);
  }

  /** The same, which changes what is translated. */
  Operation maps(BiConsumer<FaultSite, ReferenceMap> change) {
    return new Operation(name, applies, before, run, change, keepsStructure);
  }

  /**
   * The same, which when it fails may leave other tables and leaf sizes that translate the same.
   */
  Operation mayRestructure() {
    return new Operation(name, applies, before, run, effect, false);
  }

  @Override
  public String toString() {
    return name;
  }
}
