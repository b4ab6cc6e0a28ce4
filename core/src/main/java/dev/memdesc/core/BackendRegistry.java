package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.IommuBackend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The backends that this process has, by name, and the choice among them.
 *
 * <p>Processors' and IOMMUs' backends share their names, so that a format's name says which it is.
 * A backend that breaks a sentence of {@link FormatBackend} about names is refused here, so that a
 * name means one format from then on. Immutable; safe for any number of threads until closed.
 */
public final class BackendRegistry implements AutoCloseable {
  /** The system property that names a format when the caller does not. */
  public static final String ARCH_PROPERTY = "memdesc.arch";

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private final Map<String, FormatBackend> all = new TreeMap<>();
  private final Map<String, ArchBackend> backends = new TreeMap<>();
  private final Map<String, IommuBackend> iommus = new TreeMap<>();
  private final ClassLoader loader;
  private final Runnable closer;

  private BackendRegistry(
      Collection<ArchBackend> archs,
      Collection<IommuBackend> units,
      ClassLoader loader,
      Runnable closer) {
    this.loader = loader;
    this.closer = closer;
    archs.forEach(backend -> add(backend, backends));
    units.forEach(backend -> add(backend, iommus));
  }

  private <B extends FormatBackend> void add(B backend, Map<String, B> kind) {
    check(backend);
    FormatBackend other = all.putIfAbsent(backend.name(), backend);
    if (other != null) {
      throw PageTableException.because(Reason.DUPLICATE_NAME, "a backend's name is its own")
          .with("name", backend.name())
          .with("one", BackendSource.location(other.getClass()))
          .with("other", BackendSource.location(backend.getClass()))
          .hint("remove one of them")
          .build();
    }
    kind.put(backend.name(), backend);
  }

  /** A registry of exactly these backends, and no IOMMUs. Throws as {@link #discover}. */
  public static BackendRegistry of(Collection<ArchBackend> backends) {
    return of(backends, List.of());
  }

  /** A registry of exactly these backends. Throws as {@link #discover}. */
  public static BackendRegistry of(
      Collection<ArchBackend> backends, Collection<IommuBackend> iommus) {
    return new BackendRegistry(backends, iommus, BackendRegistry.class.getClassLoader(), () -> {});
  }

  /**
   * Finds the backends on the class path and in every jar of a folder.
   *
   * @param pluginsDir the folder; null, or one that does not exist, for none
   * @throws PageTableException {@link Reason#DUPLICATE_NAME} if two have one name, {@link
   *     Reason#INCONSISTENT} if one cannot be loaded or contradicts itself
   */
  public static BackendRegistry discover(@Nullable Path pluginsDir) {
    return discover(pluginsDir, BackendRegistry.class.getClassLoader());
  }

  /** The same with another class path. */
  static BackendRegistry discover(@Nullable Path pluginsDir, ClassLoader classPath) {
    BackendSource source = BackendSource.open(pluginsDir, classPath);
    try {
      return new BackendRegistry(
          source.load(ArchBackend.class),
          source.load(IommuBackend.class),
          source.loader(),
          source::close);
    } catch (RuntimeException | LinkageError e) {
      source.close();
      throw e;
    }
  }

  /** Where plugins offer other services than backends. */
  ClassLoader loader() {
    return loader;
  }

  /** Every processor's backend, sorted by name. */
  public List<ArchBackend> backends() {
    return List.copyOf(backends.values());
  }

  /** Every IOMMU's backend, sorted by name. */
  public List<IommuBackend> iommus() {
    return List.copyOf(iommus.values());
  }

  /** Every backend of either kind, sorted by name. */
  public List<FormatBackend> all() {
    return List.copyOf(all.values());
  }

  /**
   * The IOMMU's backend with a name.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, listing what exists
   */
  public IommuBackend iommu(String name) {
    IommuBackend backend = iommus.get(name);
    if (backend == null) {
      List<String> names = List.copyOf(iommus.keySet());
      throw unknown("an IOMMU is one that exists", name, names, names);
    }
    return backend;
  }

  /**
   * The format with a name, of either kind of backend: {@code backend/variant}, or {@code backend}
   * for its default. Throws as {@link #select}.
   */
  public TableFormat format(String name) {
    FormatBackend backend = find(name, all);
    return variant(backend, name);
  }

  /**
   * The format with a name: {@code backend/variant}, or {@code backend} for its default.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, listing what exists
   */
  public Selection select(String name) {
    ArchBackend backend = find(name, backends);
    return new Selection(backend, variant(backend, name));
  }

  private static <B extends FormatBackend> B find(String name, Map<String, B> kind) {
    int slash = name.indexOf('/');
    B backend = kind.get(slash < 0 ? name : name.substring(0, slash));
    if (backend == null) {
      List<String> existing = formatNames(kind);
      List<String> candidates = new ArrayList<>(kind.keySet());
      candidates.addAll(existing);
      throw unknown("a format is one that exists", name, candidates, existing);
    }
    return backend;
  }

  private static TableFormat variant(FormatBackend backend, String name) {
    List<TableFormat> variants = backend.variants();
    if (name.indexOf('/') < 0) {
      return variants.getFirst();
    }
    for (TableFormat format : variants) {
      if (format.name().equals(name)) {
        return format;
      }
    }
    List<String> names = variants.stream().map(TableFormat::name).toList();
    throw unknown("a variant is one that its backend has", name, names, names);
  }

  /**
   * The format of a host.
   *
   * @param osArch the system property {@code os.arch} there
   * @param cpuFlags the words of the line {@code flags} or {@code Features} of its /proc/cpuinfo
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME} if no backend is for it
   */
  public Selection host(String osArch, Set<String> cpuFlags) {
    for (ArchBackend backend : backends.values()) {
      if (backend.hostArchNames().contains(osArch)) {
        return new Selection(backend, backend.hostVariant(cpuFlags));
      }
    }
    throw PageTableException.because(Reason.UNKNOWN_NAME, "a backend is for this host")
        .with("os.arch", osArch)
        .hint("name a format: " + list(formatNames(backends)))
        .build();
  }

  /** The format of the host that this process runs on. Throws as {@link #host(String, Set)}. */
  public Selection host() {
    return host(System.getProperty("os.arch"), HostCpu.flags());
  }

  /**
   * The format with that name; if null, the one that the system property {@value #ARCH_PROPERTY}
   * names; without it, the host's. Throws as {@link #select} and {@link #host()}.
   */
  public Selection selectOrHost(@Nullable String name) {
    String chosen = name != null ? name : System.getProperty(ARCH_PROPERTY);
    return chosen != null ? select(chosen) : host();
  }

  /** Closes the jars of the plugins folder. Classes that are not loaded yet cannot be any more. */
  @Override
  public void close() {
    closer.run();
  }

  private static void check(FormatBackend backend) {
    String name = backend.name();
    require(
        backend,
        "a backend's name is lower case letters and digits, with single hyphens between them",
        name,
        NAME.matcher(name).matches());
    require(backend, "a backend has a variant", name, !backend.variants().isEmpty());
    Set<String> seen = new HashSet<>();
    for (TableFormat format : backend.variants()) {
      String variant = format.name();
      require(
          backend,
          "a format's name is its backend's, a slash and a variant's",
          variant,
          variant.startsWith(name + "/") && variant.length() > name.length() + 1);
      require(backend, "a variant's name is its own", variant, seen.add(variant));
      require(
          backend,
          "the root of an IOMMU's format does not grow: devices know it",
          variant,
          backend instanceof ArchBackend || format.growsInto() == null);
    }
  }

  private static void require(FormatBackend backend, String rule, String name, boolean holds) {
    if (!holds) {
      throw PageTableException.because(Reason.INCONSISTENT, rule)
          .with("name", name)
          .with("class", backend.getClass().getName())
          .with("from", BackendSource.location(backend.getClass()))
          .build();
    }
  }

  private static List<String> formatNames(Map<String, ? extends FormatBackend> kind) {
    return kind.values().stream()
        .flatMap(backend -> backend.variants().stream())
        .map(TableFormat::name)
        .toList();
  }

  private static PageTableException unknown(
      String rule, String name, List<String> candidates, List<String> existing) {
    String nearest = NearestName.of(name, candidates);
    return PageTableException.because(Reason.UNKNOWN_NAME, rule)
        .with("name", name)
        .hint(
            (nearest == null ? "" : "did you mean " + nearest + "? ")
                + "there are "
                + list(existing))
        .build();
  }

  private static String list(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
