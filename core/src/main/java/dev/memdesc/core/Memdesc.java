package dev.memdesc.core;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Stage;
import com.google.inject.multibindings.OptionalBinder;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Failures;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.iommu.MachineParts;
import dev.memdesc.core.iommu.OpenIommu;
import dev.memdesc.core.memory.MemoryWait;
import dev.memdesc.core.memory.PaReach;
import dev.memdesc.core.memory.PageAllocatorPolicy;
import dev.memdesc.core.memory.PhysicalMemory;
import dev.memdesc.core.memory.TableMemoryParts;
import dev.memdesc.core.memory.TableMemoryPolicy;
import dev.memdesc.core.rcu.RcuPolicy;
import dev.memdesc.core.space.EngineAddressSpace;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import dev.memdesc.core.stamp.Stamps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A machine: physical memory, its allocator, and address spaces of one format.
 *
 * <pre>{@code
 * try (Memdesc machine = Memdesc.builder().arch("x86/4-level").build();
 *     Reader reader = machine.newReader();
 *     AddressSpace space = machine.newAddressSpace("demo");
 *     Gather gather = space.gather()) {
 *   space.map(0x7f1234567000L, 0xabcde000L, 0x1000, Attributes.USER_DATA, gather);
 *   long pa = space.translate(0x7f1234567abcL, reader);
 * }
 * }</pre>
 *
 * <p>A long file: half of it is the builder, which callers know by this class's name.
 */
public final class Memdesc implements AutoCloseable {
  private final BackendRegistry registry;
  private final Selection selection;
  private final PhysicalMemory memory;
  private final DescriptorMap descriptors;
  private final PageAllocator allocator;
  private final TableMemory tableMemory;
  private final Rcu rcu;
  private final MemoryWait memoryWait;
  private final MachineParts iommuParts;
  // Open or closed with tables that wait for a grace period. Guarded by itself.
  private final List<OpenIommu> iommus = new ArrayList<>();
  private final List<OpenIommu> closedIommus = new ArrayList<>();
  // Of the format and those it grows into: held here, so that each is stamped once in a machine.
  private final Map<TableFormat, Function<EngineContext, TableEngine>> engines = new HashMap<>();
  private final Set<EngineAddressSpace> spaces = ConcurrentHashMap.newKeySet();
  // Read and written by any thread; a space made while another thread closes is refused or closed.
  private volatile boolean closed;

  private Memdesc(Builder builder, BackendRegistry registry) {
    this.registry = registry;
    this.selection = registry.selectOrHost(builder.arch);
    Injector injector =
        Guice.createInjector(Stage.PRODUCTION, builder.modules(registry, selection));
    TableFormat format = selection.format();
    builder.checkMemory(format);
    this.memory =
        builder.file == null
            ? PhysicalMemory.anonymous(builder.firstPa, builder.memoryBytes, format.frameLg2())
            : PhysicalMemory.shared(
                builder.file, builder.firstPa, builder.memoryBytes, format.frameLg2());
    this.descriptors = new DescriptorMap(memory);
    this.allocator =
        injector.getInstance(PageAllocatorPolicy.class).create(memory, descriptors, builder.nodes);
    this.rcu = injector.getInstance(RcuPolicy.class).open();
    this.memoryWait = MemoryWait.of(rcu, builder.memoryTimeout);
    TableMemoryPolicy tables = injector.getInstance(TableMemoryPolicy.class);
    long waitingBytes = builder.waitingBytes();
    this.iommuParts =
        new MachineParts(
            memory,
            descriptors,
            allocator,
            builder.nodes,
            rcu,
            tables,
            waitingBytes,
            memoryWait,
            builder.iommuTimeout);
    this.tableMemory =
        tables.create(
            new TableMemoryParts(
                format.largest(),
                memory,
                allocator,
                descriptors,
                builder.nodes,
                rcu,
                selection.backend()::newTableDescriptor,
                waitingBytes));
    for (TableFormat next = format; next != null; next = next.growsInto()) {
      engines.put(next, Stamps.of(next, memory));
    }
  }

  /** Starts with the host's format, 1 GiB of sparse memory from pa 0, one node, no plugins. */
  public static Builder builder() {
    return new Builder();
  }

  /** The backend and format that were chosen. */
  public Selection selection() {
    return selection;
  }

  /** The physical memory. */
  public PhysicalMemory memory() {
    return memory;
  }

  /** The allocator of its frames. */
  public PageAllocator allocator() {
    return allocator;
  }

  /** What makes tables of frames. */
  public TableMemory tableMemory() {
    return tableMemory;
  }

  /** What describes each frame. */
  public DescriptorMap descriptors() {
    return descriptors;
  }

  /** What keeps tables alive under readers. */
  public Rcu rcu() {
    return rcu;
  }

  /**
   * Registers the calling thread as a reader, which it passes to what it calls and closes.
   *
   * @throws PageTableException with {@link Reason#CLOSED}
   */
  public Reader newReader() {
    return rcu.register();
  }

  /**
   * A new, empty address space on any node.
   *
   * @param name for messages
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY} or {@link Reason#CLOSED}
   */
  public AddressSpace newAddressSpace(String name) {
    return newAddressSpace(name, PageAllocator.ANY_NODE);
  }

  /** The same with its tables on a node, as long as that has memory. */
  public AddressSpace newAddressSpace(String name, int node) {
    Arguments.require(name, "name");
    try {
      return makeSpace(name, node);
    } catch (PageTableException e) {
      return memoryWait.again(e, () -> makeSpace(name, node));
    }
  }

  private AddressSpace makeSpace(String name, int node) {
    if (closed) {
      throw closedMachine(name);
    }
    EngineAddressSpace space =
        new EngineAddressSpace(
            name,
            selection.format(),
            memory,
            descriptors,
            tableMemory,
            rcu,
            node,
            memoryWait,
            this::newEngine,
            spaces::remove);
    spaces.add(space);
    if (closed) {
      // Closed between the check and here: close may not have seen this space.
      space.close();
      throw closedMachine(name);
    }
    return space;
  }

  /**
   * Takes an IOMMU into use whose tables, structures and queues lie in this machine's memory.
   *
   * @param backendName its backend's name, {@code intel} or {@code arm-smmu}
   * @param registers of the unit
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, listing what exists, {@link
   *     Reason#CLOSED}, and as {@link dev.memdesc.api.spi.IommuBackend#open}
   */
  public Iommu openIommu(String backendName, UnitRegisters registers) {
    return openIommu(backendName, registers, PageAllocator.ANY_NODE);
  }

  /** The same with all that it uses on a node, as long as that has memory. */
  public Iommu openIommu(String backendName, UnitRegisters registers, int node) {
    Arguments.require(backendName, "backendName");
    Arguments.require(registers, "registers");
    try {
      return tryOpenIommu(backendName, registers, node);
    } catch (PageTableException e) {
      // Without the lock.
      return memoryWait.again(e, () -> tryOpenIommu(backendName, registers, node));
    }
  }

  private Iommu tryOpenIommu(String backendName, UnitRegisters registers, int node) {
    synchronized (iommus) {
      if (closed) {
        throw closedMachine(backendName);
      }
      closedIommus.removeIf(OpenIommu::trim);
      OpenIommu opened =
          new OpenIommu(
              registry.iommu(backendName), registers, iommuParts, node, this::forgetIommu);
      iommus.add(opened);
      return opened;
    }
  }

  private void forgetIommu(OpenIommu iommu) {
    synchronized (iommus) {
      iommus.remove(iommu);
      closedIommus.add(iommu);
    }
  }

  private TableEngine newEngine(TableFormat format, EngineContext context) {
    return Objects.requireNonNull(engines.get(format)).apply(context);
  }

  /**
   * Closes the IOMMUs and address spaces that are still open, waits for readers, then closes the
   * memory.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} inside a read section of the
   *     calling thread or inside a callback, which it would wait for: nothing is closed
   */
  @Override
  public void close() {
    if (!closed && !rcu.mayWait()) {
      requireOutside();
    }
    synchronized (spaces) {
      if (closed) {
        return;
      }
      closed = true;
    }
    List<AutoCloseable> open = new ArrayList<>();
    synchronized (iommus) {
      open.addAll(iommus);
    }
    open.addAll(spaces);
    // Every step is done, whatever the others throw.
    Throwable failure = closeAll(open);
    // What still waits for a grace period is given back before its memory goes.
    failure = Failures.after(failure, rcu::close);
    failure = Failures.after(failure, tableMemory::trim);
    synchronized (iommus) {
      for (OpenIommu iommu : iommus) {
        failure = Failures.after(failure, iommu::trim);
      }
      for (OpenIommu iommu : closedIommus) {
        failure = Failures.after(failure, iommu::trim);
      }
    }
    failure = Failures.after(failure, memory::close);
    failure = Failures.after(failure, registry::close);
    Failures.throwIfAny(failure);
  }

  /** Grace periods say where nobody waits for them; that there are none any more is no reason. */
  private void requireOutside() {
    try {
      rcu.synchronize();
    } catch (PageTableException e) {
      if (e.reason() != Reason.CLOSED) {
        throw e;
      }
    }
  }

  /** Closes every one; the first failure with the others, or null. */
  private static @Nullable Throwable closeAll(List<AutoCloseable> open) {
    Throwable failure = null;
    for (AutoCloseable one : open) {
      try {
        one.close();
      } catch (Exception | Error e) {
        failure = Failures.join(failure, e);
      }
    }
    return failure;
  }

  private static PageTableException closedMachine(String wanted) {
    return PageTableException.because(Reason.CLOSED, "a machine is used before it is closed")
        .with("wanted", wanted)
        .build();
  }

  /** What a machine is made of. */
  public static final class Builder {
    private static final int MAX_NODES = 256;

    private @Nullable String arch;
    private @Nullable Path plugins;
    private @Nullable Path file;
    private @Nullable BackendRegistry registry;
    private @Nullable PageAllocatorPolicy allocatorPolicy;
    private @Nullable RcuPolicy rcuPolicy;
    private long firstPa;
    private long memoryBytes = 1L << 30;
    private int nodes = 1;
    private Duration iommuTimeout = Duration.ofSeconds(10);
    private Duration memoryTimeout = MemoryWait.USUAL;
    // 0: the usual bound.
    private long waitingBytes;

    private Builder() {}

    /** The format, {@code backend/variant} or {@code backend}; null for the host's. */
    public Builder arch(@Nullable String name) {
      this.arch = name;
      return this;
    }

    /** A folder whose jars are searched for backends and modules; null for none. */
    public Builder plugins(@Nullable Path folder) {
      this.plugins = folder;
      return this;
    }

    /** These backends instead of those that are found. The machine closes the registry. */
    public Builder registry(BackendRegistry backends) {
      this.registry = Arguments.require(backends, "backends");
      return this;
    }

    /** Another page allocator, for tests; a plugin may then not bind one. */
    public Builder allocator(PageAllocatorPolicy policy) {
      this.allocatorPolicy = Arguments.require(policy, "policy");
      return this;
    }

    /** Another RCU, for tests; a plugin may then not bind one. */
    public Builder rcu(RcuPolicy policy) {
      this.rcuPolicy = Arguments.require(policy, "policy");
      return this;
    }

    /** How much memory, a multiple of the frame; it is sparse, so plenty costs nothing. */
    public Builder memoryBytes(long bytes) {
      this.memoryBytes = bytes;
      return this;
    }

    /** The pa of the first byte, a multiple of the frame; the format has all its bits. */
    public Builder firstPa(long pa) {
      this.firstPa = pa;
      return this;
    }

    /** How long an IOMMU may take to consume its commands; 10 s unless told. */
    public Builder iommuTimeout(Duration timeout) {
      this.iommuTimeout = Arguments.require(timeout, "timeout");
      return this;
    }

    /**
     * How long an operation that finds no memory waits for what waits for readers, 2 s unless told;
     * 0 to fail at once. Nobody waits inside a read section or a callback.
     */
    public Builder memoryTimeout(Duration timeout) {
      this.memoryTimeout = Arguments.require(timeout, "timeout");
      return this;
    }

    /**
     * How many bytes of tables may wait for readers before whoever flushes a gather outside of any
     * section is made to wait: the lesser of 8 MiB and an eighth of the memory unless told.
     *
     * @throws PageTableException with {@link Reason#INCONSISTENT} if it is not positive
     */
    public Builder waitingBytes(long bytes) {
      if (bytes < 1) {
        throw PageTableException.because(
                Reason.INCONSISTENT, "the bound on what waits for readers must be positive")
            .with("waitingBytes", bytes)
            .build();
      }
      this.waitingBytes = bytes;
      return this;
    }

    private long waitingBytes() {
      return waitingBytes == 0 ? TableMemoryParts.usualWaitingBytes(memoryBytes) : waitingBytes;
    }

    /** A file to map shared instead of anonymous memory. */
    public Builder sharedFile(Path path) {
      this.file = Arguments.require(path, "path");
      return this;
    }

    /**
     * How many NUMA nodes the memory is divided into, 1..256.
     *
     * @throws PageTableException with {@link Reason#INCONSISTENT}
     */
    public Builder nodes(int count) {
      if (count < 1 || count > MAX_NODES) {
        throw PageTableException.because(Reason.INCONSISTENT, "a machine has 1 to 256 NUMA nodes")
            .with("nodes", count)
            .build();
      }
      this.nodes = count;
      return this;
    }

    /**
     * Makes the machine.
     *
     * @throws PageTableException with {@link Reason#UNKNOWN_NAME}, {@link Reason#DUPLICATE_NAME},
     *     {@link Reason#MISALIGNED}, {@link Reason#ZERO_LENGTH}, {@link Reason#WRAPS}, {@link
     *     Reason#PA_TOO_WIDE} if the format's pa does not hold the memory, {@link
     *     Reason#INCONSISTENT} if it has fewer frames than nodes, {@link Reason#OUT_OF_MEMORY} and
     *     what a registry throws
     */
    public Memdesc build() {
      BackendRegistry found = registry != null ? registry : BackendRegistry.discover(plugins);
      try {
        return new Memdesc(this, found);
      } catch (RuntimeException | Error e) {
        found.close();
        throw e;
      }
    }

    /** What the memory is checked for beside what {@link PhysicalMemory} refuses. */
    private void checkMemory(TableFormat format) {
      long frames = memoryBytes >>> format.frameLg2();
      if (memoryBytes <= 0 || firstPa < 0 || firstPa + memoryBytes < 0) {
        return;
      }
      if (frames < nodes) {
        throw PageTableException.because(
                Reason.INCONSISTENT, "every NUMA node must have a frame of memory")
            .with("nodes", nodes)
            .with("frames", frames)
            .hint("give more memory or fewer nodes")
            .build();
      }
      PaReach.require(format, firstPa, memoryBytes);
    }

    private List<Module> modules(BackendRegistry backends, Selection selection) {
      List<Module> modules = new ArrayList<>();
      modules.add(new CoreModule(backends, selection));
      Services<Module> offered = backends.services(Module.class);
      if (!offered.failures().isEmpty()) {
        // Without a module that was put there on purpose, the machine would be another one.
        throw offered.failures().getFirst();
      }
      modules.addAll(offered.found());
      PageAllocatorPolicy policy = allocatorPolicy;
      if (policy != null) {
        modules.add(
            binder ->
                OptionalBinder.newOptionalBinder(binder, PageAllocatorPolicy.class)
                    .setBinding()
                    .toInstance(policy));
      }
      RcuPolicy readers = rcuPolicy;
      if (readers != null) {
        modules.add(
            binder ->
                OptionalBinder.newOptionalBinder(binder, RcuPolicy.class)
                    .setBinding()
                    .toInstance(readers));
      }
      return modules;
    }
  }
}
