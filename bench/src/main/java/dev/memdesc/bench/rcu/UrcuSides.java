package dev.memdesc.bench.rcu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.memdesc.bench.alloc.NativeSources;
import dev.memdesc.bench.alloc.Side;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * liburcu's sides; none where it was not compiled. A call is a whole loop, so its cost is nothing.
 */
final class UrcuSides {
  private static final long QUIESCENT_EVERY = 1024;

  private final Path folder;

  UrcuSides(Path folder) {
    this.folder = folder;
  }

  List<Side> sections(long count) {
    if (isMissing(NativeSources.URCU_MEMB)) {
      return List.of();
    }
    run(NativeSources.URCU_MEMB, "urcu_begin");
    MethodHandle sections =
        link(NativeSources.URCU_MEMB, "urcu_sections", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    return List.of(
        side(
            "liburcu memb",
            () -> check((long) sections.invokeExact(count) - count),
            () -> {},
            () -> {}));
  }

  List<Side> quiescentSections(long count) {
    if (isMissing(NativeSources.URCU_QSBR)) {
      return List.of();
    }
    run(NativeSources.URCU_QSBR, "qsbr_begin");
    MethodHandle sections =
        link(
            NativeSources.URCU_QSBR,
            "qsbr_sections",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    return List.of(
        side(
            "liburcu qsbr",
            () -> check((long) sections.invokeExact(count, QUIESCENT_EVERY) - count),
            () -> {},
            () -> {}));
  }

  List<Side> call(long count, boolean besideReader) {
    if (isMissing(NativeSources.URCU_MEMB)) {
      return List.of();
    }
    run(NativeSources.URCU_MEMB, "urcu_begin");
    MethodHandle call =
        link(
            NativeSources.URCU_MEMB,
            "urcu_call",
            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG));
    MethodHandle spin =
        link(NativeSources.URCU_MEMB, "urcu_spin", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    MemorySegment nodes = nodes(count);
    return List.of(
        side(
            "liburcu memb call_rcu",
            () -> check((long) call.invokeExact(nodes, count)),
            () -> check(besideReader ? (int) spin.invokeExact(1) : 0),
            () -> check(besideReader ? (int) spin.invokeExact(0) : 0)));
  }

  private MemorySegment nodes(long count) {
    MethodHandle make =
        link(NativeSources.URCU_MEMB, "urcu_nodes", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
    try {
      return (MemorySegment) make.invokeExact(count);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private interface Call {
    void invoke() throws Throwable;
  }

  private static Side side(String name, Call cycle, Call begin, Call end) {
    return new Side(name) {
      @Override
      protected void begin() {
        invoke(begin);
      }

      @Override
      protected void cycle() {
        invoke(cycle);
      }

      @Override
      protected void end() {
        invoke(end);
      }
    };
  }

  private void run(NativeSources source, String symbol) {
    MethodHandle function = link(source, symbol, FunctionDescriptor.ofVoid());
    invoke(
        () -> {
          function.invokeExact();
        });
  }

  private static void invoke(Call call) {
    try {
      call.invoke();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private boolean isMissing(NativeSources source) {
    return !Files.exists(source.library(folder));
  }

  @SuppressWarnings("restricted") // the signatures are those of the sources
  private MethodHandle link(NativeSources source, String symbol, FunctionDescriptor signature) {
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.libraryLookup(source.library(folder), Arena.global()).findOrThrow(symbol),
            signature);
  }

  private static void check(long difference) {
    if (difference != 0) {
      throw new IllegalStateException("the rival does its work: difference=" + difference);
    }
  }

  private static AssertionError failed(Throwable e) {
    return new AssertionError("the rival in C cannot be called", e);
  }
}
