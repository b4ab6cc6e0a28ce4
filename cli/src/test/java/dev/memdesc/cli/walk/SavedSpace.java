package dev.memdesc.cli.walk;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.core.Memdesc;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImageVisitor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** An address space of the library in memory that is a file, and what its own visit shows. */
final class SavedSpace implements AutoCloseable {
  private static final long BYTES = 64L << 20;
  private static final long SMALL = 24;

  final Memdesc machine;
  final AddressSpace space;
  private final Reader reader;

  SavedSpace(String arch, Path file, long firstPa) {
    this(arch, file, firstPa, BYTES);
  }

  SavedSpace(String arch, Path file, long firstPa, long bytes) {
    this.machine =
        Memdesc.builder().arch(arch).sharedFile(file).firstPa(firstPa).memoryBytes(bytes).build();
    this.space = machine.newAddressSpace("saved");
    this.reader = machine.newReader();
  }

  /** Leaves of every size, several in a row, holes, a SOFT entry; at both ends of the va. */
  SavedSpace filled() {
    TableFormat format = space.format();
    int[] sizes = IntStream.range(0, 64).filter(format.leafSizes()::contains).toArray();
    Attributes data = Attributes.of(Access.READ, Access.WRITE, Access.USER);
    try (Gather gather = space.gather()) {
      for (int i = 0; i < sizes.length; i++) {
        int sizeLg2 = sizes[i];
        long step = 1L << Math.min(format.va().bits() - 4, Math.max(sizeLg2 + 2, 30));
        long va = format.va().extend((i + 1) * step) & -1L << sizeLg2;
        long pa = (3L << sizeLg2) & ((1L << (format.paBits() - 1)) - 1);
        if (format.va().allows(va) && space.lookup(va, reader).isEmpty()) {
          space.map(va, pa & -1L << sizeLg2, 1L << sizeLg2, data, gather);
        }
      }
      long first = format.va().extend(0);
      long page = format.frameBytes();
      space.map(first + page, 0x40 * page, SMALL * page, data, gather);
      space.map(first + (SMALL + 3) * page, 0x200 * page, page, data.without(Access.WRITE), gather);
      space.putSoft(
          first + 30 * page, format.frameLg2(), new SoftEntry(SoftEntry.Kind.GUARD, 7), gather);
      long last = last(format);
      space.map(last - (page - 1), 0x300 * page, page, data, gather);
    }
    return this;
  }

  /** The last va of the half that has the first. */
  static long last(TableFormat format) {
    VaRule rule = format.va();
    boolean sign = rule.extension() == VaRule.Extension.SIGN;
    return rule.extend(-1L >>> (Long.SIZE - rule.bits() + (sign ? 1 : 0)));
  }

  /** What the live space shows. */
  List<String> visited() {
    Shown shown = new Shown();
    space.visit(
        new AddressRange(space.format().va().extend(0), last(space.format())), shown, reader);
    return shown.lines;
  }

  @Override
  public void close() {
    reader.close();
    space.close();
    machine.close();
  }

  /** Notes everything. */
  static final class Shown implements ImageVisitor {
    final List<String> lines = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();

    @Override
    public void leaves(AddressRange range, long pa, int leafSizeLg2, Attributes attributes) {
      lines.add("%s to %x by 2^%d %s".formatted(range, pa, leafSizeLg2, attributes));
    }

    @Override
    public void soft(AddressRange range, SoftEntry entry) {
      lines.add(range + " " + entry);
    }

    @Override
    public void finding(Finding finding) {
      findings.add(finding);
    }
  }
}
