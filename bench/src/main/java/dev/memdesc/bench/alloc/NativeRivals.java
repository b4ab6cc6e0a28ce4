package dev.memdesc.bench.alloc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sides that are functions of the compiled sources; none where a source was not compiled. */
final class NativeRivals {
  private static final String GLIBC = "glibc malloc in C";
  private static final Linker LINKER = Linker.nativeLinker();

  private final Path folder;

  NativeRivals(Path folder) {
    this.folder = folder;
  }

  /** One block at a time. */
  List<Side> pairs(int bytes, int operations) {
    return of(
        NativeSources.ALLOC,
        GLIBC,
        "alloc_pairs",
        FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG),
        call -> {
          call.invokeExact((long) bytes, (long) operations);
        });
  }

  /** Batches that are freed in this order. */
  List<Side> batches(int bytes, int[] order, int rounds) {
    MemorySegment places = copy(order);
    MemorySegment blocks = Arena.global().allocate(ADDRESS, order.length);
    return of(
        NativeSources.ALLOC,
        GLIBC,
        "alloc_batches",
        FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS),
        call -> {
          call.invokeExact((long) bytes, places, (long) order.length, (long) rounds, blocks);
        });
  }

  /** Blocks that another thread frees. */
  List<Side> remote(int bytes, int operations) {
    return of(
        NativeSources.ALLOC,
        GLIBC,
        "alloc_remote",
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG),
        call -> check((int) call.invokeExact((long) bytes, (long) operations)));
  }

  /** Clearing blocks of a buffer of that size. */
  List<Side> clear(String name, long bufferBytes, int bytes, int operations) {
    MemorySegment buffer = Arena.global().allocate(bufferBytes, 4096);
    long[] offset = new long[1];
    return of(
        NativeSources.ALLOC,
        name,
        "alloc_clear",
        FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        call ->
            offset[0] =
                (long)
                    call.invokeExact(
                        buffer, bufferBytes, (long) bytes, (long) operations, offset[0]));
  }

  /** Deferring nodes that are there already, in this order, until all are freed. */
  @SuppressWarnings("restricted") // a library of our own
  List<Side> deferred(int[] order) {
    if (!Files.exists(NativeSources.DEFER.library(folder))) {
      return List.of();
    }
    SymbolLookup symbols =
        SymbolLookup.libraryLookup(NativeSources.DEFER.library(folder), Arena.global());
    try {
      MemorySegment nodes =
          (MemorySegment)
              LINKER
                  .downcallHandle(
                      symbols.findOrThrow("defer_new"), FunctionDescriptor.of(ADDRESS, JAVA_LONG))
                  .invokeExact((long) order.length);
      LINKER
          .downcallHandle(symbols.findOrThrow("defer_begin"), FunctionDescriptor.ofVoid())
          .invokeExact();
      MemorySegment places = copy(order);
      return of(
          NativeSources.DEFER,
          "liburcu call_rcu",
          "defer_all",
          FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG),
          call -> check((long) call.invokeExact(nodes, places, (long) order.length)));
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Calls a function many of whose operations are a cycle. */
  private interface Call {
    void invoke(MethodHandle function) throws Throwable;
  }

  @SuppressWarnings("restricted") // the signatures are those of the sources
  private List<Side> of(
      NativeSources source, String name, String symbol, FunctionDescriptor signature, Call call) {
    Path library = source.library(folder);
    if (!Files.exists(library)) {
      return List.of();
    }
    MethodHandle function =
        LINKER.downcallHandle(
            SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(symbol), signature);
    List<Side> sides = new ArrayList<>();
    sides.add(
        new Side(name) {
          @Override
          protected void cycle() {
            try {
              call.invoke(function);
            } catch (Throwable e) {
              throw failed(e);
            }
          }
        });
    return sides;
  }

  private static MemorySegment copy(int[] numbers) {
    MemorySegment segment = Arena.global().allocate(ValueLayout.JAVA_INT, numbers.length);
    MemorySegment.copy(numbers, 0, segment, ValueLayout.JAVA_INT, 0, numbers.length);
    return segment;
  }

  private static void check(long error) {
    if (error != 0) {
      throw new IllegalStateException("the rival does its work: error=" + error);
    }
  }

  private static AssertionError failed(Throwable e) {
    return new AssertionError("the rival in C cannot be called", e);
  }
}
