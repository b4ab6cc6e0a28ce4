package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Gather;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.FormatBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.descriptor.StructureChecker;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.FaultInjectingAllocator;
import dev.memdesc.core.memory.Items;
import dev.memdesc.core.memory.PageAllocatorPolicy;
import dev.memdesc.core.memory.ScriptedAllocator;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A small machine for one test, checked after it: every address space is valid, then, with all of
 * them closed, every counter is 0 and every frame is free. Register it as a field:
 *
 * <pre>{@code
 * @RegisterExtension final TestMachine machine = TestMachine.of(new X86Backend(), "x86/4-level");
 * }</pre>
 *
 * @see RegisterExtension
 */
public final class TestMachine implements AfterEachCallback {
  private static final long BYTES = 256L << 20;

  private final Memdesc memdesc;
  private final FaultInjectingAllocator faults;
  private final List<AddressSpace> spaces = new ArrayList<>();
  private @Nullable Reader reader;

  private TestMachine(FormatBackend backend, String format, @Nullable PageAllocatorPolicy policy) {
    FaultInjectingAllocator[] made = new FaultInjectingAllocator[1];
    this.memdesc =
        Memdesc.builder()
            .registry(BackendRegistry.of(List.of(FormatsOnly.of(backend))))
            .arch(format)
            .memoryBytes(BYTES)
            .allocator(
                (memory, descriptors, nodes) -> {
                  PageAllocator delegate =
                      policy == null
                          ? new BuddyPageAllocator(memory, descriptors, nodes)
                          : policy.create(memory, descriptors, nodes);
                  made[0] = new FaultInjectingAllocator(delegate);
                  return made[0];
                })
            .build();
    this.faults = made[0];
  }

  /** A machine with 256 MiB of memory and a buddy allocator. */
  public static TestMachine of(FormatBackend backend, String format) {
    return new TestMachine(backend, format, null);
  }

  /** A machine whose tables lie at exactly these addresses, in the order of their allocation. */
  public static TestMachine scripted(FormatBackend backend, String format, long... addresses) {
    return new TestMachine(
        backend,
        format,
        (memory, descriptors, nodes) -> new ScriptedAllocator(memory.frameLg2(), addresses));
  }

  /** The machine. */
  public Memdesc memdesc() {
    return memdesc;
  }

  /** The format. */
  public TableFormat format() {
    return memdesc.selection().format();
  }

  /** The reader of the thread that asks for it first. */
  public Reader reader() {
    Reader registered = reader;
    if (registered == null) {
      registered = memdesc.newReader();
      reader = registered;
    }
    return registered;
  }

  /** Makes allocations fail. */
  public FaultInjectingAllocator faults() {
    return faults;
  }

  /** A new address space, checked and closed after the test. */
  public AddressSpace space() {
    AddressSpace space = memdesc.newAddressSpace("test " + spaces.size());
    spaces.add(space);
    return space;
  }

  /** Runs an operation with a gather of its own, and waits until what it freed is free. */
  public void with(AddressSpace space, Consumer<Gather> operation) {
    try (Gather gather = space.gather()) {
      operation.accept(gather);
    } finally {
      settle();
    }
  }

  /**
   * Waits until everything is free that was freed deferred. A free that came while a grace period
   * ran is queued by its callback, so one barrier does not reach it.
   */
  public void settle() {
    memdesc.rcu().barrier();
    memdesc.rcu().barrier();
  }

  /** The item at a pa, in the format's byte order. */
  public long item(long pa) {
    return Items.load(memdesc.memory(), format(), pa);
  }

  /** The eight bytes at a pa in the order in which they lie in memory, in hexadecimal digits. */
  public String bytes(long pa) {
    long word = memdesc.memory().loadAcquire(pa);
    boolean lowestFirst = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return HexFormat.of().toHexDigits(lowestFirst ? Long.reverseBytes(word) : word);
  }

  /** Fails unless the tables of {@code space} agree with their descriptors and counters. */
  public void checkValid(AddressSpace space) {
    assertThat(StructureChecker.check(space, memdesc.memory(), memdesc.descriptors())).isEmpty();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    checkAndClose();
  }

  /** The check after a test, for tests that make their machine themselves. */
  public void checkAndClose() {
    try (memdesc) {
      if (reader != null) {
        reader.close();
      }
      faults.failNth(Long.MAX_VALUE);
      faults.failWithProbability(0, 0);
      for (AddressSpace space : spaces) {
        if (!isClosed(space)) {
          checkValid(space);
        }
        space.close();
        settle();
        assertThat(space.counts().linked()).as("linked tables of %s", space).isZero();
        assertThat(space.counts().deposited()).as("deposited tables of %s", space).isZero();
        assertThat(space.counts().allocatedBytes()).as("bytes of %s", space).isZero();
      }
      memdesc.tableMemory().trim();
      assertThat(memdesc.tableMemory().allocatedBytes(0)).as("bytes of tables").isZero();
      assertThat(memdesc.allocator().allocatedBytes()).as("allocated bytes").isZero();
    }
  }

  private static boolean isClosed(AddressSpace space) {
    return space.counts().linked() == 0;
  }
}
