package dev.memdesc.core.rcu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The system call {@code membarrier} (Linux, membarrier(2)): every thread of this process executes
 * a full fence between its call and its return, at the price of an interrupt to each other
 * processor that runs one. So the side that is seldom pays for the side that is frequent.
 */
final class Membarrier {
  // From the Linux user-space ABI.
  private static final int QUERY = 0;
  private static final int PRIVATE_EXPEDITED = 1 << 3;
  private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
  private static final Map<String, Long> NUMBERS =
      Map.of("amd64", 324L, "aarch64", 283L, "riscv64", 283L, "ppc64le", 365L, "s390x", 356L);

  private static final @Nullable MethodHandle SYSCALL = link();
  private static final long NUMBER = NUMBERS.getOrDefault(System.getProperty("os.arch", ""), -1L);
  private static final boolean AVAILABLE = register();

  private Membarrier() {}

  /** Whether {@link #execute} may be called: the process is registered with the kernel. */
  static boolean isAvailable() {
    return AVAILABLE;
  }

  /** A full fence in every thread of this process. */
  static void execute() {
    if (syscall(PRIVATE_EXPEDITED) != 0) {
      // It cannot fail once registered; going on without it would free what is in use.
      throw new AssertionError("membarrier refused what it had promised at registration");
    }
  }

  private static boolean register() {
    if (SYSCALL == null || NUMBER < 0) {
      return false;
    }
    long commands = syscall(QUERY);
    long needed = PRIVATE_EXPEDITED | REGISTER_PRIVATE_EXPEDITED;
    return commands > 0
        && (commands & needed) == needed
        && syscall(REGISTER_PRIVATE_EXPEDITED) == 0;
  }

  private static long syscall(int command) {
    try {
      MethodHandle call = SYSCALL;
      return call == null ? -1 : (long) call.invokeExact(NUMBER, command, 0, 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("membarrier cannot be called", e);
    }
  }

  @SuppressWarnings("restricted") // a system call is what this class is for
  private static @Nullable MethodHandle link() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    return Optional.of(linker.defaultLookup())
        .flatMap(lookup -> lookup.find("syscall"))
        .map(
            address ->
                linker.downcallHandle(
                    address,
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(1)))
        .orElse(null);
  }
}
