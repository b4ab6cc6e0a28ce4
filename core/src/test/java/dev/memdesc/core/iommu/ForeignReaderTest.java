package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.rcu.Reader;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A space is read only by a reader that its grace periods wait for. */
final class ForeignReaderTest {
  private final UnitMachine machine = newMachine();
  private final UnitMachine other = newMachine();

  private static UnitMachine newMachine() {
    return new UnitMachine(
        UnitFormats.granule("tiny/4k", 12), List.of(), UnitFormats.granule("fake-unit/4k", 12));
  }

  @AfterEach
  void close() {
    machine.close();
    other.close();
  }

  @Test
  void anotherMachinesReaderIsRefusedBySpacesAndDomains() {
    try (Reader foreign = other.memdesc.newReader();
        Reader own = machine.memdesc.newReader()) {
      AddressSpace space = machine.memdesc.newAddressSpace("cpu");
      for (AddressSpace read : List.of(space, machine.open().newDomain("net"))) {
        assertRefused(Reason.FOREIGN, () -> read.translate(0, foreign));
        assertRefused(Reason.FOREIGN, () -> read.lookup(0, foreign));
        assertRefused(Reason.FOREIGN, () -> visit(read, foreign));
        assertRefused(Reason.FOREIGN, () -> visitTables(read, foreign));
        assertThat(foreign.isInside()).isFalse();
        assertThat(read.translate(0, own)).isEqualTo(AddressSpace.NOT_MAPPED);
      }
    }
  }

  @Test
  void aClosedReaderIsRefusedBySpacesAndDomains() {
    Reader closed = machine.memdesc.newReader();
    closed.close();
    AddressSpace space = machine.memdesc.newAddressSpace("cpu");
    for (AddressSpace read : List.of(space, machine.open().newDomain("net"))) {
      assertRefused(Reason.CLOSED, () -> read.translate(0, closed));
      assertRefused(Reason.CLOSED, () -> read.lookup(0, closed));
      assertRefused(Reason.CLOSED, () -> visit(read, closed));
      assertRefused(Reason.CLOSED, () -> visitTables(read, closed));
    }
  }

  private static void visit(AddressSpace space, Reader reader) {
    space.visit(new AddressRange(0, 0xFFF), (range, pa, sizeLg2, attributes) -> {}, reader);
  }

  private static void visitTables(AddressSpace space, Reader reader) {
    TableVisitor none = NullArgumentsTest.noTables();
    space.visitTables(none, reader);
  }

  private static void assertRefused(Reason reason, ThrowingCallable use) {
    assertThatThrownBy(use)
        .isInstanceOfSatisfying(
            PageTableException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
