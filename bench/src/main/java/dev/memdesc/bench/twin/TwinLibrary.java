package dev.memdesc.bench.twin;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The functions of one compiled twin. It stays loaded as long as the process runs. */
public final class TwinLibrary {
  final MethodHandle create;
  final MethodHandle free;
  final MethodHandle root;
  final MethodHandle used;
  final MethodHandle freeTables;
  final MethodHandle mapRanges;
  final MethodHandle unmapRanges;
  final MethodHandle mapPages;
  final MethodHandle unmapPages;
  final MethodHandle translatePages;
  private final String title;

  private TwinLibrary(String title, SymbolLookup symbols) {
    this.title = title;
    this.create =
        link(
            symbols,
            "twin_new",
            FunctionDescriptor.of(
                ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    this.free = link(symbols, "twin_free", FunctionDescriptor.ofVoid(ADDRESS));
    this.root = link(symbols, "twin_root", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    this.used = link(symbols, "twin_used", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    this.freeTables = link(symbols, "twin_free_tables", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    this.mapRanges =
        link(
            symbols,
            "twin_map_ranges",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                JAVA_INT));
    this.unmapRanges =
        link(
            symbols,
            "twin_unmap_ranges",
            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
    this.mapPages =
        link(
            symbols,
            "twin_map_pages",
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT));
    FunctionDescriptor overPages =
        FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT);
    this.unmapPages = link(symbols, "twin_unmap_pages", overPages);
    this.translatePages = link(symbols, "twin_translate_pages", overPages);
  }

  /**
   * Loads what {@link TwinCompiler#compile} made.
   *
   * @param title for column titles
   */
  @SuppressWarnings("restricted") // a library of our own
  public static TwinLibrary load(String title, Path library) {
    return new TwinLibrary(title, SymbolLookup.libraryLookup(library, Arena.global()));
  }

  @SuppressWarnings("restricted") // the signatures are those of twin.c
  private static MethodHandle link(
      SymbolLookup symbols, String name, FunctionDescriptor signature) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), signature);
  }

  /** For column titles. */
  public String title() {
    return title;
  }
}
