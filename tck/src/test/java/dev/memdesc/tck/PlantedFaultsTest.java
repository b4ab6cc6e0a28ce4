package dev.memdesc.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryCodec;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.PaField;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.RegisterValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check of the kit is seen to fail: a backend with one fault, and the checks that find it. */
final class PlantedFaultsTest {
  private static final long SOFTWARE = 1L << 62;

  static Stream<Arguments> faults() {
    return Stream.of(
        fault(
            "a codec that forgets a right",
            new SampleCodec() {
              @Override
              public Attributes decode(long item, int level) {
                return super.decode(item, level).without(Access.GLOBAL);
              }
            },
            "all attributes come back as they went in, or are refused"),
        fault(
            "a codec that refuses user data",
            new SampleCodec() {
              @Override
              public long bits(Attributes attributes, int level, Leaf leaf) {
                return super.bits(
                    attributes.has(Access.USER) ? attributes.without(Access.READ) : attributes,
                    level,
                    leaf);
              }
            },
            "user data can be said in every leaf"),
        fault(
            "a codec that takes keys and says nothing of them",
            new SampleCodec() {
              @Override
              public long bits(Attributes attributes, int level, Leaf leaf) {
                return super.bits(attributes.withProtectionKey(0), level, leaf);
              }
            },
            "protection keys and software bits are apart from all else"),
        fault(
            "a codec whose attributes reach into the pa",
            new SampleCodec() {
              @Override
              public long bits(Attributes attributes, int level, Leaf leaf) {
                return super.bits(attributes, level, leaf)
                    | (attributes.has(Access.EXECUTE) ? 1L << 40 : 0);
              }
            },
            "all attributes come back as they went in, or are refused"),
        fault(
            "a codec that keeps dirty elsewhere",
            new SampleCodec() {
              @Override
              public long bits(Attributes attributes, int level, Leaf leaf) {
                long bits = super.bits(attributes.without(Access.DIRTY), level, leaf);
                return attributes.has(Access.DIRTY) ? bits | SOFTWARE : bits;
              }

              @Override
              public Attributes decode(long item, int level) {
                Attributes found = super.decode(item, level);
                return (item & SOFTWARE) != 0 ? found.with(Access.DIRTY) : found;
              }
            },
            "an accessed or dirty leaf says so"),
        fault(
            "a codec that mixes swap and migration up",
            new SampleCodec() {
              @Override
              public SoftEntry decodeSoft(long item, int level) {
                SoftEntry found = super.decodeSoft(item, level);
                return found.kind() == SoftEntry.Kind.SWAP
                    ? new SoftEntry(SoftEntry.Kind.MIGRATION, found.payload())
                    : found;
              }
            },
            "SOFT entries come back as they went in, or are refused"),
        fault(
            "a codec whose SOFT entries are valid",
            new SampleCodec() {
              @Override
              public long soft(SoftEntry entry, int level) {
                return super.soft(entry, level) | SampleBackend.V;
              }
            },
            "SOFT entries come back as they went in, or are refused"),
        fault(
            "a picture with a gap",
            new SampleCodec() {
              @Override
              public List<BitField> picture(long item, int level) {
                List<BitField> fields = new ArrayList<>(super.picture(item, level));
                fields.remove(1);
                return fields;
              }
            },
            "the picture of an item has every bit once"),
        faultyLevel(
            "a leaf whose pa lacks its highest bit",
            0,
            List.of(
                new Leaf(
                    12,
                    new dev.memdesc.api.format.Test(SampleBackend.N | 3, 3),
                    1,
                    new PaField(0, PaField.bits(46, 10).mask0(), 2, 0, 0))),
            new dev.memdesc.api.format.Test(3, 1),
            "a leaf holds every pa, in each of its items"),
        faultyLevel(
            "a leaf that is a table too",
            1,
            SampleBackend.level(1).leaves(),
            new dev.memdesc.api.format.Test(1 | 1 << 5, 1),
            "an item is of one kind only"),
        faultyLevel(
            "a group that single items are too",
            0,
            List.of(
                new Leaf(12, new dev.memdesc.api.format.Test(3, 3), 1, SampleBackend.pa(12)),
                SampleBackend.group()),
            new dev.memdesc.api.format.Test(3, 1),
            "an item is of one kind only"),
        Arguments.of(
            "a level whose dirty is accessed to the codec",
            new Faulty(
                SampleBackend.format("sample/dirty", SampleBackend.CODEC, accessedForDirty())),
            "what was written is shown once, and clean again"),
        Arguments.of(
            "tables whose entries hold fewer bits",
            new Faulty(SampleBackend.format("sample/narrow", SampleBackend.CODEC, narrowTables())),
            "a table entry holds every pa that a table can have"));
  }

  private static Arguments fault(String name, EntryCodec codec, String check) {
    return Arguments.of(name, new Faulty(SampleBackend.format("sample/faulty", codec)), check);
  }

  private static Arguments faultyLevel(
      String name, int level, List<Leaf> leaves, dev.memdesc.api.format.Test table, String check) {
    List<LevelLayout> levels = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      levels.add(i == level ? SampleBackend.level(i, leaves, table) : SampleBackend.level(i));
    }
    return Arguments.of(
        name,
        new Faulty(SampleBackend.format("sample/faulty", SampleBackend.CODEC, levels)),
        check);
  }

  private static List<LevelLayout> accessedForDirty() {
    LevelLayout pages = SampleBackend.level(0);
    return List.of(
        new LevelLayout(
            pages.manualName(),
            pages.shift(),
            pages.indexBits(),
            pages.table(),
            pages.empty(),
            pages.emptyItem(),
            pages.isTable(),
            pages.tablePa(),
            pages.tableConstant(),
            pages.leaves(),
            pages.accessed(),
            pages.accessed(),
            pages.mirror()),
        SampleBackend.level(1),
        SampleBackend.level(2));
  }

  private static List<LevelLayout> narrowTables() {
    LevelLayout root = SampleBackend.level(2);
    return List.of(
        SampleBackend.level(0),
        SampleBackend.level(1),
        new LevelLayout(
            root.manualName(),
            root.shift(),
            root.indexBits(),
            root.table(),
            root.empty(),
            root.emptyItem(),
            root.isTable(),
            new PaField(0, PaField.bits(40, 10).mask0(), 2, 0, 0),
            root.tableConstant(),
            root.leaves(),
            root.accessed(),
            root.dirty(),
            root.mirror()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aFaultIsFound(String name, Faulty backend, String check) {
    Map<String, Consumer<Subject>> checks = new LinkedHashMap<>();
    LayoutChecks.addTo(checks);
    CodecChecks.addTo(checks);
    DirtyChecks.addTo(checks);
    assertThat(fails(() -> run(checks, check, new SampleBackend()))).as("without fault").isFalse();
    assertThat(fails(() -> run(checks, check, backend))).as(name).isTrue();
  }

  private static void run(
      Map<String, Consumer<Subject>> checks, String check, ArchBackend backend) {
    Objects.requireNonNull(checks.get(check), check)
        .accept(new Subject(backend, backend.variants().getFirst()));
  }

  private static boolean fails(Executable run) {
    try {
      run.execute();
      return false;
    } catch (AssertionError e) {
      return true;
    } catch (Throwable e) {
      throw new IllegalStateException("not what a check throws", e);
    }
  }

  @Test
  void whatABackendSaysOfItselfIsChecked() {
    AtomicInteger calls = new AtomicInteger();
    Map<String, ArchBackend> faults = new LinkedHashMap<>();
    faults.put("it is found by ServiceLoader through a public constructor", new Faulty());
    faults.put(
        "its name has lower case letters and digits",
        new SampleBackend() {
          @Override
          public String name() {
            return "Sample";
          }
        });
    faults.put(
        "variants equal themselves at every call and have names of their own",
        new SampleBackend() {
          @Override
          public List<TableFormat> variants() {
            return List.of(SampleBackend.format("sample/" + calls.incrementAndGet(), CODEC));
          }
        });
    faults.put(
        "the host's variant is one of them",
        new SampleBackend() {
          @Override
          public TableFormat hostVariant(java.util.Set<String> cpuFlags) {
            return SampleBackend.format("sample/other", CODEC);
          }
        });
    TableDescriptor one = new TableDescriptor();
    faults.put(
        "a descriptor is new each time, and is that of every table",
        new SampleBackend() {
          @Override
          public TableDescriptor newTableDescriptor() {
            return one;
          }
        });
    faults.put("activation is a function of its arguments", new Counting());
    faults.forEach(
        (check, backend) -> {
          assertThat(fails(() -> check(new SampleBackend(), check)))
              .as("%s: without fault", check)
              .isFalse();
          assertThat(fails(() -> check(backend, check))).as(check).isTrue();
        });
  }

  private static void check(ArchBackend backend, String check) throws Throwable {
    Objects.requireNonNull(new BackendChecks(backend).all().get(check), check).execute();
  }

  /** A backend of one format. */
  static final class Faulty extends SampleBackend {
    private final TableFormat format;

    Faulty() {
      this(SampleBackend.format("sample/three", CODEC));
    }

    Faulty(TableFormat format) {
      this.format = format;
    }

    @Override
    public List<TableFormat> variants() {
      return List.of(format);
    }

    @Override
    public String toString() {
      return format.name();
    }
  }

  /** A backend that answers differently each time. */
  public static final class Counting extends SampleBackend {
    private static final AtomicInteger CALLS = new AtomicInteger();

    /** For the check. */
    public Counting() {}

    @Override
    public List<RegisterValue> activation(TableFormat format, long rootPa, int asid) {
      return List.of(new RegisterValue("root", CALLS.incrementAndGet()));
    }
  }
}
