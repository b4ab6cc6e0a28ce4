package dev.memdesc.referee.iommu;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A domain, and what should be mapped in it: single leaves, in a list that shares nothing with the
 * engine. Choices are random.
 */
final class DomainBook implements AutoCloseable {
  private static final int MOST_LEAVES = 48;
  private static final int TRIES = 20;

  private final IommuDomain domain;
  private final long dataPa;
  private final long dataEnd;
  private final SplittableRandom random;
  private final Gather gather;
  private final List<Mapped> leaves = new ArrayList<>();
  private final List<Mapped> windows = new ArrayList<>();

  /** A leaf as it should be. */
  static final class Mapped {
    final long iova;
    final long pa;
    final int sizeLg2;
    final boolean read;
    final boolean write;

    /** Devices that reached it: the unit may have it cached for them. */
    final Set<Integer> seenBy = new HashSet<>();

    /** What the unit must have noted in it, and what it may. */
    boolean accessed;

    boolean dirty;
    boolean maybeDirty;

    Mapped(long iova, long pa, int sizeLg2, boolean read, boolean write) {
      this.iova = iova;
      this.pa = pa;
      this.sizeLg2 = sizeLg2;
      this.read = read;
      this.write = write;
    }

    long bytes() {
      return 1L << sizeLg2;
    }

    boolean contains(long address) {
      return Long.compareUnsigned(address - iova, bytes()) < 0;
    }

    /**
     * An offset: often at the ends; a few pages of a large leaf only, so that little memory is
     * touched.
     */
    long inside(SplittableRandom random, int count) {
      long last = bytes() - 1;
      return switch (random.nextInt(4)) {
        case 0 -> 0;
        case 1 -> Math.max(0, last - random.nextInt(count));
        default -> {
          long page = bytes() >>> 12;
          long chosen = page <= 1 ? 0 : ((pa >>> 12) ^ (random.nextInt(4) * 0x12345L)) & (page - 1);
          yield (chosen << 12) + random.nextInt(4096 - Math.min(count, 4000));
        }
      };
    }

    @Override
    public String toString() {
      return "iova 0x%x to pa 0x%x, 2^%d %s%s"
          .formatted(iova, pa, sizeLg2, read ? "r" : "-", write ? "w" : "-");
    }
  }

  DomainBook(IommuDomain domain, long dataPa, long dataEnd, SplittableRandom random) {
    this.domain = domain;
    this.dataPa = dataPa;
    this.dataEnd = dataEnd;
    this.random = random;
    this.gather = domain.gather();
  }

  IommuDomain domain() {
    return domain;
  }

  Gather gather() {
    return gather;
  }

  List<Mapped> leaves() {
    return leaves;
  }

  /** The leaf at an iova, or null. */
  @Nullable Mapped at(long iova) {
    return leaves.stream().filter(one -> one.contains(iova)).findAny().orElse(null);
  }

  /** A leaf that allows something, or null. */
  @Nullable Mapped any(boolean read, boolean write) {
    List<Mapped> fitting =
        leaves.stream().filter(one -> (!read || one.read) && (!write || one.write)).toList();
    return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size()));
  }

  /** Maps or unmaps something at random; the gather is flushed. */
  void change() {
    if (leaves.size() > MOST_LEAVES || (leaves.size() > 8 && random.nextInt(3) == 0)) {
      unmap(leaves.get(random.nextInt(leaves.size())));
    } else {
      mapSomething();
    }
    gather.flush();
  }

  /** Unmaps without a flush. */
  void unmap(Mapped leaf) {
    domain.unmap(leaf.iova, leaf.bytes(), gather);
    leaves.remove(leaf);
  }

  /** Maps one leaf of any size where there is room. */
  Mapped mapSomething() {
    List<Integer> sizes = sizes();
    for (int i = 0; i < TRIES; i++) {
      int sizeLg2 = sizes.get(random.nextInt(4) == 0 ? random.nextInt(sizes.size()) : 0);
      boolean write = random.nextInt(4) != 0;
      boolean read = !write || random.nextInt(6) != 0;
      Mapped made = map(place(sizeLg2), data(sizeLg2), sizeLg2, read, write);
      if (made != null) {
        return made;
      }
    }
    throw new IllegalStateException("there is room for a leaf in " + domain.name());
  }

  /** Maps a page that can be read and written. */
  Mapped mapPage() {
    int sizeLg2 = domain.format().frameLg2();
    for (int i = 0; i < TRIES; i++) {
      Mapped made = map(place(sizeLg2), data(sizeLg2), sizeLg2, true, true);
      if (made != null) {
        return made;
      }
    }
    throw new IllegalStateException("there is room for a page in " + domain.name());
  }

  /** Pages that can be read and written, one behind the other: 1 to {@code most}. */
  List<Mapped> mapRun(int most) {
    List<Mapped> run = new ArrayList<>(List.of(mapPage()));
    int sizeLg2 = domain.format().frameLg2();
    while (run.size() < most) {
      long next = run.getLast().iova + (1L << sizeLg2);
      // A run ends at the last address: one range unmaps it.
      Mapped made = next == 0 ? null : map(next, data(sizeLg2), sizeLg2, true, true);
      if (made == null) {
        break;
      }
      run.add(made);
    }
    return run;
  }

  /** Unmaps a run as a whole, without a flush. */
  void unmapRun(List<Mapped> run) {
    domain.unmap(run.getFirst().iova, run.size() * run.getFirst().bytes(), gather);
    leaves.removeAll(run);
  }

  /** A page that is no part of the game: devices write what they have read to it. */
  Mapped openWindow() {
    Mapped window = mapPage();
    leaves.remove(window);
    windows.add(window);
    return window;
  }

  /** Unmaps a window; the gather is flushed. */
  void closeWindow(Mapped window) {
    domain.unmap(window.iova, window.bytes(), gather);
    gather.flush();
    windows.remove(window);
  }

  private List<Integer> sizes() {
    List<Integer> sizes = new ArrayList<>();
    for (int sizeLg2 = 0; sizeLg2 < Long.SIZE; sizeLg2++) {
      if (domain.format().leafSizes().contains(sizeLg2) && 1L << sizeLg2 <= dataEnd - dataPa) {
        sizes.add(sizeLg2);
      }
    }
    return sizes;
  }

  /** Null if it is taken, reserved, or the format cannot say it. */
  @Nullable Mapped map(long iova, long pa, int sizeLg2, boolean read, boolean write) {
    Attributes attributes =
        Attributes.of(Access.USER)
            .with(read ? new Access[] {Access.READ} : new Access[0])
            .with(write ? new Access[] {Access.WRITE} : new Access[0]);
    try {
      domain.map(iova, pa, 1L << sizeLg2, attributes, PageSizes.ofLg2(sizeLg2), gather);
    } catch (PageTableException e) {
      return switch (e.reason()) {
        case ALREADY_MAPPED, VA_OUTSIDE_FORMAT, ATTRIBUTE, WRAPS -> null;
        default -> throw e;
      };
    }
    Mapped made = new Mapped(iova, pa, sizeLg2, read, write);
    leaves.add(made);
    return made;
  }

  private long data(int sizeLg2) {
    long first = (dataPa + (1L << sizeLg2) - 1) >>> sizeLg2;
    return (first + random.nextLong((dataEnd >>> sizeLg2) - first)) << sizeLg2;
  }

  /** Beside another leaf, at an end of the va space, where tables meet, or anywhere. */
  private long place(int sizeLg2) {
    TableFormat format = domain.format();
    VaRule rule = format.va();
    long size = 1L << sizeLg2;
    long any =
        switch (random.nextInt(8)) {
          case 0 -> rule.extend(random.nextBoolean() ? 0 : -size);
          case 1 -> {
            int level = random.nextInt(format.rootLevel() + 1);
            long end = random.nextLong() << format.level(level).spanLg2();
            yield rule.extend(end - (random.nextBoolean() ? size : 0));
          }
          case 2, 3 -> rule.extend(random.nextLong());
          default -> {
            if (leaves.isEmpty()) {
              yield 0;
            }
            Mapped other = leaves.get(random.nextInt(leaves.size()));
            yield rule.extend(
                random.nextBoolean() ? other.iova + other.bytes() : other.iova - size);
          }
        };
    return any & -size;
  }

  /** An iova near something that is mapped where nothing is; also beyond the format's width. */
  long hole() {
    VaRule rule = domain.format().va();
    for (int i = 0; i < TRIES * TRIES; i++) {
      Mapped near = leaves.get(random.nextInt(leaves.size()));
      long candidate =
          switch (random.nextInt(3)) {
            case 0 -> rule.extend(near.iova + near.bytes() + 4L * random.nextInt(16));
            case 1 -> rule.extend(near.iova - 4 - 4L * random.nextInt(16));
            // The same but for one bit.
            default ->
                rule.extend(near.iova ^ (1L << (domain.format().frameLg2() + random.nextInt(30))));
          };
      boolean special = domain.reserved().stream().anyMatch(range -> range.contains(candidate));
      boolean window = windows.stream().anyMatch(one -> one.contains(candidate));
      if (at(candidate) == null && !special && !window) {
        return candidate & -4L;
      }
    }
    throw new IllegalStateException("there is a hole in " + domain.name());
  }

  @Override
  public void close() {
    gather.close();
    domain.close();
  }
}
