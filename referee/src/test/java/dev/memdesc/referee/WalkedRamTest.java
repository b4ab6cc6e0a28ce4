package dev.memdesc.referee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.format.VaRule;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import dev.memdesc.core.image.Finding;
import dev.memdesc.core.image.ImageTables;
import dev.memdesc.core.image.ImageVisitor;
import dev.memdesc.core.image.ImageWalk;
import dev.memdesc.core.image.MemoryImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The RAM file of a guest that has walked its tables, and set bits in them, walked as a file. */
final class WalkedRamTest {
  private static final long BUDGET = 100_000;
  private static final int ENOUGH = 6;
  private static final int MOST_ROUNDS = 50;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x86/4-level",
        "x86/pae",
        "s390/4-level",
        "arm64/4k-48",
        "arm64/64k-52-dbm",
        "powerpc/radix-64k"
      })
  void theFileShowsWhatTheLiveTablesShow(String name) {
    QemuNeeded.check();
    BackendRegistry registry = BackendRegistry.discover(null);
    Selection selection = registry.select(name);
    Guest guest = Objects.requireNonNull(Guests.of(registry, selection.backend()));
    long seed = Long.getLong("memdesc.seed", System.nanoTime());
    System.out.println(name + ": a walk of a guest's RAM file, -Dmemdesc.seed=" + seed);
    try (Ring ring = new Ring(registry, selection, guest, new SplittableRandom(seed));
        Bout bout = ring.newBout()) {
      Shown live = fill(ring, bout);
      Shown saved = walk(ring, bout.space());
      assertThat(saved.lines).hasSizeGreaterThanOrEqualTo(ENOUGH).isEqualTo(live.lines);
      assertThat(saved.findings).isEmpty();

      // A planted fault: an item that leads beyond the file. The rest is as it was.
      long item = plant(ring, bout.space());
      Shown damaged = walk(ring, bout.space());
      assertThat(damaged.findings)
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.kind()).isEqualTo(Finding.Kind.TABLE_OUTSIDE);
                assertThat(finding.itemPa()).isEqualTo(item);
              });
      assertThat(damaged.lines).isEqualTo(live.lines);
      ring.ram().store(item, selection.format().level(rootLevel(ring)).emptyItem());
    }
  }

  /**
   * Changes the space and has the guest probe it, until enough is there to be shown: how many
   * ranges a number of changes leaves is chance, and with few places and large leaves they are few.
   */
  private static Shown fill(Ring ring, Bout bout) {
    Shown live;
    int round = 0;
    do {
      bout.change(60);
      bout.probe();
      assertThat(bout.mismatches()).isEmpty();
      live = visit(ring, bout.space());
    } while (live.lines.size() < ENOUGH && ++round < MOST_ROUNDS);
    return live;
  }

  private static int rootLevel(Ring ring) {
    return ring.selection().format().rootLevel();
  }

  /** Makes the first EMPTY item of the root lead beyond RAM; where it is. */
  private static long plant(Ring ring, AddressSpace space) {
    LevelLayout root = space.format().level(rootLevel(ring));
    long at = space.rootPa();
    while (ring.ram().load(at) != root.emptyItem()) {
      at += Long.BYTES;
    }
    assertThat(at)
        .as("the root has an EMPTY item")
        .isLessThan(space.rootPa() + root.table().bytes());
    ring.ram().store(at, root.tableItem(GuestRam.BYTES));
    return at;
  }

  private static Shown walk(Ring ring, AddressSpace space) {
    Shown shown = new Shown();
    try (MemoryImage image = MemoryImage.open(ring.ram().file(), null)) {
      ImageWalk.of(new ImageTables(space.format(), image, space.rootPa()), shown, BUDGET);
    }
    return shown;
  }

  private static Shown visit(Ring ring, AddressSpace space) {
    TableFormat format = space.format();
    VaRule rule = format.va();
    Shown shown = new Shown();
    long half = 1L << (rule.bits() - 1);
    if (rule.extension() == VaRule.Extension.SIGN) {
      show(ring, space, rule.extend(0), rule.extend(half - 1), shown);
      show(ring, space, rule.extend(half), rule.extend(half + half - 1), shown);
    } else {
      // At once: a run of leaves may cross the middle.
      show(ring, space, rule.extend(0), rule.extend(half + half - 1), shown);
    }
    return shown;
  }

  private static void show(Ring ring, AddressSpace space, long first, long last, Shown shown) {
    space.visit(new AddressRange(first, last), shown, ring.reader());
  }

  /** Notes everything. */
  private static final class Shown implements ImageVisitor {
    private final List<String> lines = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

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
