package dev.memdesc.core.space;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Mapping;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.TableAccount;
import dev.memdesc.api.memory.TableCounts;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.core.descriptor.DescriptorMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An address space: an owner of tables with an engine to work on them. */
public final class EngineAddressSpace implements AddressSpace, TableOwner {
  private static final VarHandle ENGINE;

  static {
    try {
      ENGINE =
          MethodHandles.lookup()
              .findVarHandle(EngineAddressSpace.class, "engine", TableEngine.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String name;
  private final TableFormat format;
  private final TableMemory tableMemory;
  private final TableAccount account;
  // Null once closed: finding that out costs nothing, because the JIT checks for null anyway. Plain
  // for the thread that changes the space, acquire for readers, who read it inside their section:
  // who still finds it is waited for by close.
  private @Nullable TableEngine engine;
  private final Consumer<EngineAddressSpace> onClose;

  /**
   * A new, empty address space.
   *
   * @param engines makes an engine of the format
   * @param onClose called once, when all tables are free
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY} if there is none for the root
   */
  public EngineAddressSpace(
      String name,
      TableFormat format,
      HardwareMemory memory,
      DescriptorMap descriptors,
      TableMemory tableMemory,
      int node,
      Function<EngineContext, TableEngine> engines,
      Consumer<EngineAddressSpace> onClose) {
    this.name = name;
    this.format = format;
    this.tableMemory = tableMemory;
    this.account = new TableAccount(format);
    this.onClose = onClose;
    TableOwner owner = this;
    this.engine = engines.apply(new EngineContext(memory, descriptors, tableMemory, owner, node));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TableFormat format() {
    return format;
  }

  @Override
  public TableAccount account() {
    return account;
  }

  @Override
  public long rootPa() {
    return open().rootPa();
  }

  @Override
  public Gather gather() {
    return new TableGather(this, tableMemory);
  }

  private TableEngine open() {
    return requireOpen(engine);
  }

  private TableEngine openToRead() {
    return requireOpen((TableEngine) ENGINE.getAcquire(this));
  }

  private TableEngine requireOpen(@Nullable TableEngine open) {
    if (open == null) {
      throw PageTableException.because(
              Reason.CLOSED, "an address space is used before it is closed")
          .with("space", name)
          .build();
    }
    return open;
  }

  @Override
  public void map(long va, long pa, long length, Attributes attributes, Gather gather) {
    open().map(va, pa, length, attributes, PageSizes.ANY, TableGather.of(gather, this));
  }

  @Override
  public void map(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, Gather gather) {
    open().map(va, pa, length, attributes, sizes, TableGather.of(gather, this));
  }

  @Override
  public void putSoft(long va, int sizeLg2, SoftEntry entry, Gather gather) {
    open().putSoft(va, sizeLg2, entry, TableGather.of(gather, this));
  }

  @Override
  public long unmap(long va, long length, Gather gather) {
    return open().unmap(va, length, TableGather.of(gather, this));
  }

  @Override
  public long protect(long va, long length, Attributes attributes, Gather gather) {
    return open().protect(va, length, attributes, TableGather.of(gather, this));
  }

  @Override
  public void deposit(long va) {
    open().deposit(va);
  }

  @Override
  public long translate(long va, Reader reader) {
    reader.enter();
    try {
      return openToRead().translate(va);
    } finally {
      reader.exit();
    }
  }

  @Override
  public Optional<Mapping> lookup(long va, Reader reader) {
    reader.enter();
    try {
      return Optional.ofNullable(openToRead().lookup(va));
    } finally {
      reader.exit();
    }
  }

  @Override
  public void visit(AddressRange range, MappingVisitor visitor, Reader reader) {
    reader.enter();
    try {
      openToRead().visit(range, visitor);
    } finally {
      reader.exit();
    }
  }

  @Override
  public void visitTables(TableVisitor visitor, Reader reader) {
    reader.enter();
    try {
      openToRead().visitTables(visitor);
    } finally {
      reader.exit();
    }
  }

  @Override
  public TableCounts counts() {
    return account.snapshot();
  }

  @Override
  public void close() {
    TableEngine open = engine;
    if (open == null) {
      return;
    }
    try (TableGather gather = new TableGather(this, tableMemory)) {
      // Pairs with the acquire in openToRead.
      ENGINE.setRelease(this, null);
      open.dropAll(gather);
    } finally {
      // Also if the flush is refused: the space takes no more tables and is not known any more.
      tableMemory.close(this);
      onClose.accept(this);
    }
  }

  @Override
  public String toString() {
    return name + " (" + format + ")";
  }
}
