package dev.memdesc.arch.arm64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import dev.memdesc.tck.TestMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Linux's selftest of its LPAE tables asserts, on its 63 configurations of both stages: three
 * sets of page sizes, and input widths of 32 to 48 bits with every output width that is not
 * smaller.
 */
final class Arm64SelftestMatrixTest {
  private static final int[] WIDTHS = {32, 36, 40, 42, 44, 48};
  private static final long GIB = 1L << 30;
  private static final Attributes RW = Attributes.USER_DATA;

  static Stream<TableFormat> configurations() {
    List<TableFormat> formats = new ArrayList<>();
    for (Granule granule : Granule.values()) {
      for (int ias : WIDTHS) {
        for (int oas : WIDTHS) {
          if (ias <= oas) {
            formats.add(withPaBits(Arm64Format.of(Variant.stageOne(granule, ias)), oas));
            formats.add(withPaBits(Arm64Format.of(Variant.stageTwo(granule, ias)), oas));
          }
        }
      }
    }
    return formats.stream();
  }

  private static TableFormat withPaBits(TableFormat format, int paBits) {
    return new TableFormat(
        format.name() + "-" + paBits,
        format.order(),
        format.frameLg2(),
        format.va(),
        paBits,
        format.levels(),
        format.capabilities(),
        format.codec(),
        format.breakBits(),
        null);
  }

  @Test
  void thereAreSixtyThreeOfEachStage() {
    assertThat(configurations()).hasSize(2 * 63);
  }

  /**
   * 4K, 2M, 1G; 16K, 32M; 64K, 512M. Stage 2 of 32 bits with 4K begins below the level of 1G, as
   * KVM has it, with four tables side by side.
   */
  private static List<Integer> sizes(TableFormat format) {
    List<Integer> sizes =
        switch (format.frameLg2()) {
          case 12 -> List.of(12, 21, 30);
          case 14 -> List.of(14, 25);
          default -> List.of(16, 29);
        };
    return sizes.stream().filter(format.leafSizes()::contains).toList();
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void selftest(TableFormat format) {
    TestMachine machine = TestMachine.of(new OneFormat(format), format.name());
    AddressSpace space = machine.space();
    for (long iova : new long[] {42, GIB + 42, 2 * GIB + 42}) {
      assertThat(space.translate(iova, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
    }
    for (int round = 0; round < 2; round++) {
      long iova = 0;
      for (int sizeLg2 : sizes(format)) {
        long size = 1L << sizeLg2;
        map(machine, space, iova, iova, size);
        long at = iova;
        // Another pa at the same place, which the first translation keeps.
        assertThat(
                catchThrowableOfType(
                        PageTableException.class, () -> map(machine, space, at, at + size, size))
                    .reason())
            .isEqualTo(Reason.ALREADY_MAPPED);
        assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(iova + 42);
        iova += GIB;
      }
      iova = 0;
      for (int sizeLg2 : sizes(format)) {
        unmap(machine, space, iova, 1L << sizeLg2);
        assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(AddressSpace.NOT_MAPPED);
        map(machine, space, iova, iova, 1L << sizeLg2);
        assertThat(space.translate(iova + 42, machine.reader())).isEqualTo(iova + 42);
        unmap(machine, space, iova, 1L << sizeLg2);
        iova += GIB;
      }
    }
    // The last largest page: the far corner of tables side by side.
    long size = 1L << sizes(format).getLast();
    long last = (1L << format.va().bits()) - size;
    map(machine, space, last, last, size);
    assertThat(space.translate(last + 42, machine.reader())).isEqualTo(last + 42);
    assertThat(space.translate(last + size - 1, machine.reader())).isEqualTo(last + size - 1);
    unmap(machine, space, last, size);
    machine.checkAndClose();
  }

  private static void map(TestMachine machine, AddressSpace space, long va, long pa, long size) {
    PageSizes only = PageSizes.ofLg2(Long.numberOfTrailingZeros(size));
    machine.with(space, g -> space.map(va, pa, size, RW, only, g));
  }

  private static void unmap(TestMachine machine, AddressSpace space, long va, long size) {
    machine.with(
        space,
        g -> {
          assertThat(space.unmap(va, size, g)).isEqualTo(size);
          assertThat(g.bytes()).as("what is invalidated").isEqualTo(size);
        });
  }

  /** arm64 with this format only. */
  private static final class OneFormat implements ArchBackend {
    private final TableFormat format;

    OneFormat(TableFormat format) {
      this.format = format;
    }

    @Override
    public String name() {
      return "arm64";
    }

    @Override
    public Set<String> hostArchNames() {
      return Set.of();
    }

    @Override
    public List<TableFormat> variants() {
      return List.of(format);
    }

    @Override
    public List<RegisterValue> activation(TableFormat asked, long rootPa, int asid) {
      return List.of();
    }
  }
}
