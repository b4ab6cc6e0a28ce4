package dev.memdesc.core;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.api.spi.IommuBackend;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
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

  private final Map<String, FormatBackend> all = new TreeMap<>();
  private final Map<String, ArchBackend> backends = new TreeMap<>();
  private final Map<String, IommuBackend> iommus = new TreeMap<>();
  private final IdentityHashMap<FormatBackend, BackendCheck> checked = new IdentityHashMap<>();
  private final List<PageTableException> failures = new ArrayList<>();
  private final ClassLoader loader;
  private final Runnable closer;

  private BackendRegistry(ClassLoader loader, Runnable closer) {
    this.loader = loader;
    this.closer = closer;
  }

  private <B extends FormatBackend> void addFound(Services<B> services, Map<String, B> kind) {
    failures.addAll(services.failures());
    for (B backend : services.found()) {
      BackendCheck check;
      try {
        check = BackendCheck.of(backend);
      } catch (PageTableException e) {
        failures.add(e);
        continue;
      }
      add(backend, check, kind);
    }
  }

  private <B extends FormatBackend> void add(B backend, BackendCheck check, Map<String, B> kind) {
    checked.put(backend, check);
    String name = check.name();
    FormatBackend other = all.putIfAbsent(name, backend);
    if (other != null) {
      throw PageTableException.because(Reason.DUPLICATE_NAME, "a backend's name is its own")
          .with("name", name)
          .with("one", Services.location(other.getClass()))
          .with("other", Services.location(backend.getClass()))
          .hint("remove one of them")
          .build();
    }
    kind.put(name, backend);
  }

  /** A registry of exactly these backends, and no IOMMUs. Throws as {@link #discover}. */
  public static BackendRegistry of(Collection<ArchBackend> backends) {
    return of(backends, List.of());
  }

  /** A registry of exactly these backends. Throws as {@link #discover}. */
  public static BackendRegistry of(
      Collection<ArchBackend> backends, Collection<IommuBackend> iommus) {
    BackendRegistry registry =
        new BackendRegistry(BackendRegistry.class.getClassLoader(), () -> {});
    backends.forEach(one -> registry.add(one, BackendCheck.of(one), registry.backends));
    iommus.forEach(one -> registry.add(one, BackendCheck.of(one), registry.iommus));
    return registry;
  }

  /**
   * Finds the backends on the class path and in every jar of a folder. A jar that cannot be read,
   * and a backend that cannot be loaded or contradicts itself, is set aside: {@link #failures}.
   *
   * @param pluginsDir the folder; null, or one that does not exist, for none
   * @throws PageTableException {@link Reason#DUPLICATE_NAME} if two have one name or one is in two
   *     jars, {@link Reason#INCONSISTENT} if the folder cannot be read
   */
  public static BackendRegistry discover(@Nullable Path pluginsDir) {
    return discover(pluginsDir, BackendRegistry.class.getClassLoader());
  }

  /** The same with another class path. */
  static BackendRegistry discover(@Nullable Path pluginsDir, ClassLoader classPath) {
    BackendSource source = BackendSource.open(pluginsDir, classPath);
    try {
      BackendRegistry registry = new BackendRegistry(source.loader(), source::close);
      registry.failures.addAll(source.failures());
      registry.addFound(source.load(ArchBackend.class), registry.backends);
      registry.addFound(source.load(IommuBackend.class), registry.iommus);
      return registry;
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /** What was set aside, each with its jar, class and cause: {@link Reason#INCONSISTENT}. */
  public List<PageTableException> failures() {
    return List.copyOf(failures);
  }

  /**
   * What there is of a service: on the class path, in the plugins, and beside each backend.
   *
   * @throws PageTableException as {@link Services#load}
   */
  public <S> Services<S> services(Class<S> service) {
    Set<ClassLoader> loaders = new LinkedHashSet<>(List.of(loader));
    all.values().stream().map(one -> one.getClass().getClassLoader()).forEach(loaders::add);
    Map<Class<?>, S> found = new LinkedHashMap<>();
    List<PageTableException> failed = new ArrayList<>();
    for (ClassLoader one : loaders) {
      Services<S> services = Services.load(service, one, loader instanceof URLClassLoader);
      services.found().forEach(provider -> found.putIfAbsent(provider.getClass(), provider));
      failed.addAll(services.failures());
    }
    return new Services<>(List.copyOf(found.values()), failed);
  }

  /** The variants of a backend that is in here, as it named them first. */
  private List<TableFormat> variants(FormatBackend backend) {
    return Objects.requireNonNull(checked.get(backend)).variants();
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
      if (backends.containsKey(name)) {
        throw PageTableException.because(
                Reason.UNKNOWN_NAME, "a domain must have an IOMMU's format")
            .with("name", name)
            .hint("it is a processor's; there are the IOMMUs " + list(names))
            .build();
      }
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

  private <B extends FormatBackend> B find(String name, Map<String, B> kind) {
    int slash = name.indexOf('/');
    String wanted = slash < 0 ? name : name.substring(0, slash);
    B backend = kind.get(wanted);
    if (backend == null) {
      if (iommus.containsKey(wanted)) {
        throw PageTableException.because(
                Reason.UNKNOWN_NAME, "an address space must have a processor's format")
            .with("name", name)
            .with("iommu", wanted)
            .hint(
                "an IOMMU's format is for the domains of devices and holds no process; "
                    + "replay and verify take --iommu "
                    + wanted
                    + "; processors' formats are "
                    + list(formatNames(kind)))
            .build();
      }
      List<String> existing = formatNames(kind);
      List<String> candidates = new ArrayList<>(kind.keySet());
      candidates.addAll(existing);
      throw unknown("a format is one that exists", name, candidates, existing);
    }
    return backend;
  }

  private TableFormat variant(FormatBackend backend, String name) {
    List<TableFormat> variants = variants(backend);
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
      BackendCheck check = Objects.requireNonNull(checked.get(backend));
      if (check.hostArchNames().contains(osArch)) {
        return new Selection(
            backend,
            BackendCheck.told(backend, "hostVariant", () -> backend.hostVariant(cpuFlags)));
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

  private List<String> formatNames(Map<String, ? extends FormatBackend> kind) {
    return kind.values().stream()
        .flatMap(backend -> variants(backend).stream())
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
