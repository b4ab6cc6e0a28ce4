package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a backend says of itself, asked once and checked.
 *
 * @param hostArchNames empty for an IOMMU
 */
record BackendCheck(String name, List<TableFormat> variants, Set<String> hostArchNames) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  /**
   * Asks a backend.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT}, which names its class and jar
   */
  static BackendCheck of(FormatBackend backend) {
    String name = told(backend, "name", backend::name);
    require(
        backend,
        "a backend's name is lower case letters and digits, with single hyphens between them",
        name,
        NAME.matcher(name).matches());
    // An array keeps a null until it is looked for; a copied list would throw it at us.
    TableFormat[] told = told(backend, "variants", () -> array(backend.variants()));
    require(backend, "a backend has a variant", name, told.length > 0);
    require(backend, "a variant is not null", name, !Arrays.asList(told).contains(null));
    Set<String> seen = new HashSet<>();
    for (TableFormat format : told) {
      String variant = told(backend, "variants", format::name);
      require(
          backend,
          "a format's name is its backend's, a slash and a variant's",
          variant,
          variant.startsWith(name + "/")
              && NAME.matcher(variant.substring(name.length() + 1)).matches());
      require(backend, "a variant's name is its own", variant, seen.add(variant));
      require(
          backend,
          "the root of an IOMMU's format does not grow: devices know it",
          variant,
          backend instanceof ArchBackend || format.growsInto() == null);
    }
    Set<String> hosts =
        backend instanceof ArchBackend arch
            ? told(backend, "hostArchNames", () -> copy(arch.hostArchNames()))
            : Set.of();
    return new BackendCheck(name, List.of(told), hosts);
  }

  private static TableFormat @Nullable [] array(@Nullable List<TableFormat> variants) {
    return variants == null ? null : variants.toArray(TableFormat[]::new);
  }

  private static @Nullable Set<String> copy(@Nullable Set<String> names) {
    return names == null ? null : Set.copyOf(names);
  }

  /**
   * What a method of a backend returns.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT} if it throws or returns null
   */
  static <T> T told(FormatBackend backend, String method, Supplier<@Nullable T> call) {
    String failure;
    Throwable cause = null;
    try {
      T value = call.get();
      if (value != null) {
        return value;
      }
      failure = "null";
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
      failure = Services.said(e);
      cause = e;
    }
    throw PageTableException.because(Reason.INCONSISTENT, "a backend must say what it is")
        .with("class", backend.getClass().getName())
        .with("from", Services.location(backend.getClass()))
        .with("method", method)
        .with("failure", failure)
        .hint("rebuild it, or take its jar out of the plugins folder")
        .build(cause);
  }

  private static void require(FormatBackend backend, String rule, String name, boolean holds) {
    if (!holds) {
      throw PageTableException.because(Reason.INCONSISTENT, rule)
          .with("name", name)
          .with("class", backend.getClass().getName())
          .with("from", Services.location(backend.getClass()))
          .build();
    }
  }
}
