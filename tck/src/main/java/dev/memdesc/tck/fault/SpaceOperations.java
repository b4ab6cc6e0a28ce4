package dev.memdesc.tck.fault;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.format.Capability;
import dev.memdesc.api.format.LevelLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** What is done to an address space. */
final class SpaceOperations {
  private static final Attributes RW = Attributes.USER_DATA;
  private static final Attributes READ_ONLY = Attributes.of(Access.READ, Access.USER);

  private SpaceOperations() {}

  static List<Operation> all() {
    List<Operation> all = new ArrayList<>();
    addMaps(all);
    addUnmaps(all);
    addChanges(all);
    addReads(all);
    addLives(all);
    return all;
  }

  private static void map(FaultSite site, long offset, long pa, long length) {
    site.space().map(site.va(offset), pa, length, RW, site.gather());
  }

  private static Operation map(
      String name, Consumer<FaultSite> before, Function<FaultSite, long[]> range) {
    return Operation.of(
            name,
            before,
            site -> {
              long[] r = range.apply(site);
              map(site, r[0], r[1], r[2]);
            })
        .maps(
            (site, plain) -> {
              long[] r = range.apply(site);
              plain.map(site.va(r[0]), r[1], r[2]);
            });
  }

  private static Operation unmap(
      String name, Consumer<FaultSite> before, Function<FaultSite, long[]> range, CutLeaf cut) {
    return Operation.of(
            name,
            before,
            site -> {
              long[] r = range.apply(site);
              site.space().unmap(site.va(r[0]), r[1], cut, site.gather());
            })
        .maps(
            (site, plain) -> {
              long[] r = range.apply(site);
              plain.unmap(site.va(r[0]), r[1]);
            });
  }

  private static boolean hasLargeLeaf(FaultSite site, int level) {
    return level <= site.format().rootLevel() && !site.format().level(level).leaves().isEmpty();
  }

  private static long group(FaultSite site) {
    LevelLayout layout = site.format().level(0);
    return 1L << layout.leaves().getLast().sizeLg2();
  }

  /** A table that is there, with nothing in it. */
  private static void emptyTable(FaultSite site) {
    site.prepare(0, 0, 2 * site.frame());
    site.prepareHole(0, site.frame());
    site.prepareHole(site.frame(), site.frame());
  }

  /** Pages that fill a table and begin the next one. */
  private static void pages(FaultSite site) {
    for (long at = 0; at < site.span() + 3 * site.frame(); at += site.frame()) {
      site.prepare(at, at + site.frame(), site.frame());
    }
  }

  /** Two leaves of level 1, each with a table for a split. */
  private static void depositedLeaves(FaultSite site) {
    site.prepare(0, 4 * site.span(), 2 * site.span());
    site.space().deposit(site.va(0));
    site.space().deposit(site.va(site.span()));
  }

  private static void addMaps(List<Operation> all) {
    all.add(
        map(
            "map a page into a table that is there",
            site -> site.prepare(0, 0, site.frame()),
            site -> new long[] {site.frame(), 0, site.frame()}));
    all.add(
        map("map a page", Operation::nothing, site -> new long[] {0, site.span(), site.frame()}));
    all.add(
        map(
            "map a range of many leaves",
            Operation::nothing,
            site ->
                new long[] {
                  site.span() - site.frame(),
                  5 * site.span() - site.frame(),
                  site.span() + 2 * site.frame()
                }));
    all.add(
        map(
            "map pages of many tables",
            site -> site.prepare(site.span(), 0, site.frame()),
            site -> new long[] {site.span() + site.frame(), 0, 2 * site.span()}));
    // Below the window, where a table of level 1 is missing and one of level 2 is there.
    all.add(
        Operation.of(
            "map pages where a middle table is missing",
            site -> site.prepare(0, 0, site.frame()),
            site -> map(site, -2 * site.frame(), 0, 2 * site.frame())));
    all.add(
        map(
                "map a contiguous group",
                site -> site.prepare(0, 0, site.frame()),
                site -> new long[] {group(site), 4 * site.span(), 2 * group(site)})
            .where(site -> site.format().level(0).leaves().size() > 1));
    all.add(
        map(
                "map a large leaf in place of an empty table",
                SpaceOperations::emptyTable,
                site -> new long[] {0, 4 * site.span(), site.span()})
            .where(site -> hasLargeLeaf(site, 1))
            .mayRestructure());
    all.add(
        map(
                "map large leaves and pages over an empty table",
                SpaceOperations::emptyTable,
                site -> new long[] {0, 4 * site.span(), 2 * site.span() + site.frame()})
            .where(site -> hasLargeLeaf(site, 1))
            .mayRestructure());
    all.add(
        Operation.of(
                "map a leaf of level 2 in place of empty tables",
                SpaceOperations::emptyTable,
                site -> map(site, 0, 0, 1L << site.format().level(2).shift()))
            .maps((site, plain) -> plain.map(site.va(0), 0, 4 * site.span()))
            .where(site -> hasLargeLeaf(site, 2))
            .mayRestructure());
    all.add(
        Operation.of(
            "map where something is",
            site -> site.prepare(2 * site.span(), 0, site.frame()),
            site -> {
              try {
                map(site, 0, site.frame(), 2 * site.span() + 2 * site.frame());
                throw new AssertionError("a map over a leaf is refused");
              } catch (PageTableException e) {
                if (e.reason() != Reason.ALREADY_MAPPED) {
                  throw e;
                }
              }
            }));
    all.add(
        Operation.of(
            "put a SOFT entry",
            Operation::nothing,
            site ->
                site.space()
                    .putSoft(
                        site.va(site.span()),
                        site.format().frameLg2(),
                        new SoftEntry(SoftEntry.Kind.SWAP, 1),
                        site.gather())));
    all.add(
        Operation.of(
                "map what needs a higher root",
                site -> site.prepare(0, 0, site.frame()),
                site ->
                    site.space()
                        .map(
                            1L << (site.memdesc().selection().format().va().bits() + 1),
                            0,
                            site.frame(),
                            RW,
                            site.gather()))
            .where(site -> site.format().growsInto() != null)
            // A root that has grown stays so.
            .mayRestructure());
  }

  private static void addUnmaps(List<Operation> all) {
    all.add(
        unmap(
            "unmap a page",
            site -> site.prepare(0, 0, 2 * site.frame()),
            site -> new long[] {0, site.frame()},
            CutLeaf.REFUSE));
    all.add(
        unmap(
            "unmap a range of several tables",
            SpaceOperations::pages,
            site -> new long[] {2 * site.frame(), site.span() - site.frame()},
            CutLeaf.REFUSE));
    all.add(
        unmap(
            "unmap whole tables",
            SpaceOperations::pages,
            site -> new long[] {0, 2 * site.span()},
            CutLeaf.REFUSE));
    all.add(
        unmap(
                "unmap leaves with deposits",
                SpaceOperations::depositedLeaves,
                site -> new long[] {0, 2 * site.span()},
                CutLeaf.REFUSE)
            .where(site -> hasLargeLeaf(site, 1)));
    all.add(
        unmap(
                "unmap the middle of a leaf, split",
                site -> site.prepare(0, 4 * site.span(), 2 * site.span()),
                site -> new long[] {site.frame(), site.span()},
                CutLeaf.SPLIT)
            .where(site -> hasLargeLeaf(site, 1))
            .mayRestructure());
    all.add(
        unmap(
                "unmap the middle of a leaf with a deposit, split",
                SpaceOperations::depositedLeaves,
                site -> new long[] {site.frame(), site.span()},
                CutLeaf.SPLIT)
            .where(site -> hasLargeLeaf(site, 1))
            .mayRestructure());
    all.add(
        Operation.of(
                "unmap the middle of a leaf of level 2, split",
                site -> {
                  site.space()
                      .map(site.va(0), 0, 1L << site.format().level(2).shift(), RW, site.gather());
                  site.reference().map(site.va(0), 0, 4 * site.span());
                },
                site ->
                    site.space()
                        .unmap(site.va(site.frame()), site.span(), CutLeaf.SPLIT, site.gather()))
            .maps((site, plain) -> plain.unmap(site.va(site.frame()), site.span()))
            .where(site -> hasLargeLeaf(site, 2))
            .mayRestructure());
    all.add(
        Operation.of(
                "unmap leaves that are cut, whole",
                site -> site.prepare(0, 4 * site.span(), 2 * site.span()),
                site ->
                    site.space()
                        .unmap(site.va(site.frame()), site.span(), CutLeaf.WHOLE, site.gather()))
            .maps((site, plain) -> plain.unmap(site.va(0), 2 * site.span()))
            .where(site -> hasLargeLeaf(site, 1)));
  }

  private static void addChanges(List<Operation> all) {
    all.add(
        Operation.of(
            "protect a range",
            site -> site.prepare(0, 0, site.span() + 2 * site.frame()),
            site ->
                site.space()
                    .protect(
                        site.va(0), site.span() + 2 * site.frame(), READ_ONLY, site.gather())));
    all.add(
        Operation.of(
                "deposit a table",
                site -> site.prepare(0, 0, site.span()),
                site -> site.space().deposit(site.va(0)))
            .where(site -> hasLargeLeaf(site, 1)));
    all.add(
        Operation.of(
                "read and clear dirty",
                site -> {
                  Attributes dirty = RW.with(Access.ACCESSED, Access.DIRTY);
                  for (int i = 0; i < 3; i++) {
                    long at = 2L * i * site.frame();
                    site.space().map(site.va(at), at, site.frame(), dirty, site.gather());
                    site.reference().map(site.va(at), at, site.frame());
                  }
                },
                site ->
                    site.space()
                        .readAndClearDirty(
                            site.va(0),
                            site.span(),
                            (_, _, _, _) -> site.callback(),
                            site.gather()))
            .where(
                site -> site.format().capabilities().contains(Capability.HARDWARE_ACCESSED_DIRTY))
            .mayRestructure());
  }

  private static void addReads(List<Operation> all) {
    Consumer<FaultSite> before = site -> site.prepare(0, 0, 2 * site.span() + site.frame());
    all.add(
        Operation.of(
            "translate", before, site -> site.space().translate(site.va(1), site.reader())));
    all.add(
        Operation.of("look up", before, site -> site.space().lookup(site.va(1), site.reader())));
    all.add(
        Operation.of(
            "visit leaves",
            before,
            site ->
                site.space()
                    .visit(
                        new AddressRange(site.va(0), site.va(site.span())),
                        (_, _, _, _) -> site.callback(),
                        site.reader())));
    all.add(
        Operation.of(
            "visit tables",
            before,
            site -> site.space().visitTables((_, _, _) -> site.callback(), site.reader())));
  }

  private static void addLives(List<Operation> all) {
    Consumer<FaultSite> unhooked =
        site -> {
          pages(site);
          site.prepareHole(0, 2 * site.span());
        };
    all.add(Operation.of("flush a gather", unhooked, site -> site.gather().flush()));
    all.add(Operation.of("close a gather", unhooked, site -> site.gather().close()));
    all.add(
        Operation.of(
                "unmap, flush and map again with gathers of their own",
                SpaceOperations::pages,
                site -> {
                  try (var gather = site.space().gather()) {
                    site.space().unmap(site.va(0), 2 * site.span(), gather);
                  }
                  try (var gather = site.space().gather()) {
                    site.space().map(site.va(0), site.frame(), site.frame(), RW, gather);
                  }
                })
            .maps(
                (site, plain) -> {
                  plain.unmap(site.va(0), 2 * site.span());
                  plain.map(site.va(0), site.frame(), site.frame());
                })
            .mayRestructure());
    all.add(
        Operation.closing(
            site -> {
              unhooked.accept(site);
              site.prepare(0, 0, site.span() + site.frame());
            }));
    all.add(
        Operation.of(
            "trim table memory",
            site -> {
              unhooked.accept(site);
              site.gather().flush();
              site.settle();
            },
            site -> site.memdesc().tableMemory().trim()));
  }
}
