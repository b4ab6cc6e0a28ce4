package dev.memdesc.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Reason;
import dev.memdesc.api.rcu.RcuHead;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.engine.TinyFormat;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.stamp.TinyBackend;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A machine that cannot be closed here and now is as it was, and is closed later. */
@Timeout(120)
class MemdescCloseTest {
  private static Memdesc machine(RcuFlavour flavour) {
    return Memdesc.builder()
        .registry(BackendRegistry.of(List.of(new TinyBackend(TinyFormat.FORMAT)), List.of()))
        .arch(TinyFormat.FORMAT.name())
        .memoryBytes(1 << 16)
        .rcu(flavour::open)
        .build();
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void insideASectionNothingIsClosed(RcuFlavour flavour) {
    Memdesc machine = machine(flavour);
    AddressSpace space = machine.newAddressSpace("tiny");
    try (Reader reader = machine.newReader()) {
      reader.enter();
      assertThatThrownBy(machine::close).extracting("reason").isEqualTo(Reason.ILLEGAL_STATE);
      reader.exit();
      assertThat(space.translate(0, reader)).isEqualTo(AddressSpace.NOT_MAPPED);
    }
    machine.close();
    assertThat(machine.allocator().allocatedBytes()).isZero();
    assertThat(machine.rcu().mayWait()).as("its grace periods are closed").isFalse();
    machine.close();
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void insideACallbackNothingIsClosed(RcuFlavour flavour) {
    Memdesc machine = machine(flavour);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    machine
        .rcu()
        .call(
            new RcuHead() {
              @Override
              protected void reclaim() {
                try {
                  machine.close();
                } catch (Throwable e) {
                  thrown.set(e);
                }
              }
            });
    machine.rcu().barrier();
    assertThat(thrown.get()).extracting("reason").isEqualTo(Reason.ILLEGAL_STATE);
    machine.close();
    assertThat(machine.rcu().mayWait()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(RcuFlavour.class)
  void aMachineWhoseGracePeriodsAreClosedIsClosed(RcuFlavour flavour) {
    Memdesc machine = machine(flavour);
    machine.rcu().close();
    machine.close();
    assertThatThrownBy(() -> machine.newAddressSpace("late"))
        .extracting("reason")
        .isEqualTo(Reason.CLOSED);
  }
}
