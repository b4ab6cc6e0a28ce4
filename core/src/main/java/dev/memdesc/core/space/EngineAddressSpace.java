package dev.memdesc.core.space;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
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
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.HardwareMemory;
import dev.memdesc.api.spi.Invalidator;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.guard.Arguments;
import dev.memdesc.core.memory.MemoryWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An address space: an owner of tables with an engine to work on them. */
public class EngineAddressSpace implements AddressSpace, TableOwner {
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
  // Set before the engine that is of it.
  private volatile TableFormat format;
  private final HardwareMemory memory;
  private final DescriptorMap descriptors;
  private final int node;
  private final BiFunction<TableFormat, EngineContext, TableEngine> engines;
  private final long frameBytes;
  private final TableMemory tableMemory;
  // Whose readers may look: those of another one would protect nothing here.
  private final Rcu rcu;
  private final TableAccount account;
  private final MemoryWait memoryWait;
  // Null once closed: finding that out costs nothing, because the JIT checks for null anyway. Plain
  // for the thread that changes the space, acquire for readers, who read it inside their section:
  // who still finds it is waited for by close. An engine and its root are one immutable object, so
  // when the root grows a reader sees all of the old or all of the new; both translate what both
  // can.
  private @Nullable TableEngine engine;
  private final Consumer<EngineAddressSpace> onClose;
  private final SoleWriter writer = new SoleWriter();
  private final Unflushed unflushed = new Unflushed();

  /**
   * A new, empty address space of a format whose root does not grow.
   *
   * @param rcu keeps tables alive under its readers; that of the table memory
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
      Rcu rcu,
      int node,
      Function<EngineContext, TableEngine> engines,
      Consumer<EngineAddressSpace> onClose) {
    this(
        name,
        format,
        memory,
        descriptors,
        tableMemory,
        rcu,
        node,
        MemoryWait.NONE,
        (_, context) -> engines.apply(context),
        onClose);
  }

  /**
   * A new, empty address space.
   *
   * @param rcu keeps tables alive under its readers; that of the table memory
   * @param memoryWait what an operation does that finds no memory; making the space does not wait
   * @param engines makes an engine of the format, or of one that it grows into
   * @param onClose called once, when all tables are free
   * @throws PageTableException with {@link Reason#OUT_OF_MEMORY} if there is none for the root
   */
  @SuppressWarnings("this-escape") // the engine asks for name, format and account, which are set
  public EngineAddressSpace(
      String name,
      TableFormat format,
      HardwareMemory memory,
      DescriptorMap descriptors,
      TableMemory tableMemory,
      Rcu rcu,
      int node,
      MemoryWait memoryWait,
      BiFunction<TableFormat, EngineContext, TableEngine> engines,
      Consumer<EngineAddressSpace> onClose) {
    this.name = name;
    this.format = format;
    this.memory = memory;
    this.descriptors = descriptors;
    this.frameBytes = format.frameBytes();
    this.tableMemory = tableMemory;
    this.rcu = rcu;
    this.node = node;
    this.memoryWait = memoryWait;
    this.engines = engines;
    this.account = new TableAccount(format);
    this.onClose = onClose;
    TableOwner owner = this;
    this.engine =
        engines.apply(
            format, new EngineContext(memory, descriptors, tableMemory, owner, node, null, writer));
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final TableFormat format() {
    return format;
  }

  @Override
  public final TableAccount account() {
    return account;
  }

  @Override
  public final long rootPa() {
    return open().root().pa();
  }

  @Override
  public final Gather gather() {
    Invalidator told = invalidator();
    if (told != null) {
      unflushed.prepare(told);
    }
    return new TableGather(this, tableMemory, told, unflushed);
  }

  /** Whether hardware may still know what a flush that failed should have made it forget. */
  protected final boolean owesInvalidation() {
    return unflushed.any();
  }

  /**
   * Does what failed flushes left, before something is mapped where it may be.
   *
   * @throws PageTableException with {@link Reason#TOOL} if hardware does not answer; the space
   *     keeps all of it
   */
  protected final void settle(Gather gather) {
    TableGather.of(gather, this).settle();
  }

  /** What makes hardware forget translations of this space; null if none caches any. */
  protected @Nullable Invalidator invalidator() {
    return null;
  }

  /** Whether {@link #close} has not begun yet. For the thread that changes the space. */
  protected final boolean isOpen() {
    return engine != null;
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
    map(va, pa, length, attributes, PageSizes.ANY, gather);
  }

  @Override
  public void map(
      long va, long pa, long length, Attributes attributes, PageSizes sizes, Gather gather) {
    Arguments.require(attributes, "attributes");
    Arguments.require(sizes, "sizes");
    TableGather own = TableGather.of(gather, this);
    try {
      map(open(), va, pa, length, attributes, sizes, own);
    } catch (PageTableException e) {
      again(e, va + (length - 1), own, () -> map(open(), va, pa, length, attributes, sizes, own));
    }
  }

  private void map(
      TableEngine open,
      long va,
      long pa,
      long length,
      Attributes attributes,
      PageSizes sizes,
      TableGather gather) {
    if (length == frameBytes) {
      open.mapPage(va, pa, attributes, sizes, gather);
    } else {
      open.map(va, pa, length, attributes, sizes, gather);
    }
  }

  @Override
  public void putSoft(long va, int sizeLg2, SoftEntry entry, Gather gather) {
    Arguments.require(entry, "entry");
    TableGather own = TableGather.of(gather, this);
    try {
      open().putSoft(va, sizeLg2, entry, own);
    } catch (PageTableException e) {
      again(e, va + ((1L << sizeLg2) - 1), own, () -> open().putSoft(va, sizeLg2, entry, own));
    }
  }

  /**
   * Tries an operation again that was refused for want of va, when the root has grown, or for want
   * of memory, when some was reclaimed. It left nothing behind but tables in the gather, which is
   * flushed: what it holds is memory, too.
   */
  private void again(PageTableException refusal, long last, TableGather own, Runnable operation) {
    PageTableException shortage = refusal;
    if (refusal.reason() != Reason.OUT_OF_MEMORY) {
      try {
        growFor(last, refusal);
        operation.run();
        return;
      } catch (PageTableException e) {
        shortage = e;
      }
    }
    waitFor(
        shortage,
        own,
        () -> {
          if (!format.va().allows(last)) {
            growFor(last, refusal);
          }
          operation.run();
        });
  }

  private void waitFor(PageTableException refusal, TableGather own, Runnable operation) {
    memoryWait.again(
        refusal,
        own::flush,
        () -> {
          operation.run();
          return true;
        });
  }

  /**
   * Grows the root until {@code last} can be translated. The engine checks its arguments before it
   * changes anything, so what it refused for want of va is tried again.
   *
   * @throws PageTableException the refusal, if it was for another reason or growing does not help
   */
  private void growFor(long last, PageTableException refusal) {
    if (refusal.reason() != Reason.VA_OUTSIDE_FORMAT || !format.largest().va().allows(last)) {
      throw refusal;
    }
    writer.enter(this);
    try {
      grow(last, refusal);
    } finally {
      writer.leave();
    }
  }

  private void grow(long last, PageTableException refusal) {
    while (!format.va().allows(last)) {
      TableFormat next = format.growsInto();
      if (next == null) {
        throw refusal;
      }
      growInto(next);
    }
  }

  private void growInto(TableFormat next) {
    TableOwner owner = this;
    TableEngine grown =
        engines.apply(
            next,
            new EngineContext(
                memory, descriptors, tableMemory, owner, node, open().root(), writer));
    account.growInto(next);
    format = next;
    // Pairs with the acquire in openToRead: who sees the engine sees the root and its first item.
    ENGINE.setRelease(this, grown);
  }

  @Override
  public final long unmap(long va, long length, Gather gather) {
    TableEngine open = open();
    TableGather own = TableGather.of(gather, this);
    return open.unmap(va, length, own);
  }

  @Override
  public final long unmap(long va, long length, CutLeaf cut, Gather gather) {
    Arguments.require(cut, "cut");
    if (cut == CutLeaf.REFUSE) {
      return unmap(va, length, gather);
    }
    TableGather own = TableGather.of(gather, this);
    try {
      return open().unmap(va, length, cut, own);
    } catch (PageTableException e) {
      // A split has all its tables before it begins.
      return memoryWait.again(e, own::flush, () -> open().unmap(va, length, cut, own));
    }
  }

  @Override
  public final long protect(long va, long length, Attributes attributes, Gather gather) {
    Arguments.require(attributes, "attributes");
    return open().protect(va, length, attributes, TableGather.of(gather, this));
  }

  @Override
  public final long readAndClearDirty(long va, long length, MappingVisitor visitor, Gather gather) {
    Arguments.require(visitor, "visitor");
    return open().readAndClearDirty(va, length, visitor, TableGather.of(gather, this));
  }

  @Override
  public final void deposit(long va) {
    try {
      open().deposit(va);
    } catch (PageTableException e) {
      memoryWait.again(
          e,
          () -> {
            open().deposit(va);
            return true;
          });
    }
  }

  /** The reader, if grace periods of this space wait for it: two loads and two tests. */
  @SuppressWarnings("ReferenceEquality") // an RCU is told apart by identity
  private Reader requireReader(@Nullable Reader reader) {
    if (reader == null || reader.rcu() != rcu) {
      throw notOurs(reader);
    }
    return reader;
  }

  private PageTableException notOurs(@Nullable Reader reader) {
    if (reader == null) {
      return Arguments.missing("reader");
    }
    return PageTableException.because(
            Reason.FOREIGN, "a reader of another machine protects nothing here")
        .with("space", name)
        .hint("use a reader of the space's own machine")
        .build();
  }

  @Override
  public final long translate(long va, Reader reader) {
    requireReader(reader).enter();
    try {
      return openToRead().translate(va);
    } finally {
      reader.exit();
    }
  }

  @Override
  public final Optional<Mapping> lookup(long va, Reader reader) {
    requireReader(reader).enter();
    try {
      return Optional.ofNullable(openToRead().lookup(va));
    } finally {
      reader.exit();
    }
  }

  @Override
  public final void visit(AddressRange range, MappingVisitor visitor, Reader reader) {
    Arguments.require(range, "range");
    Arguments.require(visitor, "visitor");
    requireReader(reader).enter();
    try {
      openToRead().visit(range, visitor);
    } finally {
      reader.exit();
    }
  }

  @Override
  public final void visitTables(TableVisitor visitor, Reader reader) {
    Arguments.require(visitor, "visitor");
    requireReader(reader).enter();
    try {
      openToRead().visitTables(visitor);
    } finally {
      reader.exit();
    }
  }

  @Override
  public final TableCounts counts() {
    return account.snapshot();
  }

  @Override
  public void close() {
    if (isOpen()) {
      beginClose();
      dropTables();
    }
  }

  /**
   * Keeps every other thread from changing the tables.
   *
   * @throws PageTableException with {@link Reason#ILLEGAL_STATE} if one is inside an operation that
   *     does; nothing changed, and closing can be tried again
   */
  protected final void beginClose() {
    writer.enter(this);
  }

  /** Closing failed before any table was dropped. */
  protected final void giveUpClose() {
    writer.leave();
  }

  // The gather has no invalidator: nothing caches translations of this space, or, in a subclass,
  // nothing does any more. Who waits for this one and still has the engine finds a dead root.
  /** Frees all tables, those too that failed flushes left. After {@link #beginClose}. */
  protected final void dropTables() {
    TableEngine open = engine;
    if (open == null) {
      // Another thread has closed the space just before.
      writer.leave();
      return;
    }
    unflushed.close();
    try (TableGather gather = new TableGather(this, tableMemory, null, unflushed)) {
      // Pairs with the acquire in openToRead.
      ENGINE.setRelease(this, null);
      gather.takeOver();
      open.dropAll(gather);
    } finally {
      // Also if the flush is refused: the space takes no more tables and is not known any more.
      try {
        tableMemory.close(this);
      } finally {
        writer.leave();
        onClose.accept(this);
      }
    }
  }

  @Override
  public final String toString() {
    return name + " (" + format + ")";
  }
}
