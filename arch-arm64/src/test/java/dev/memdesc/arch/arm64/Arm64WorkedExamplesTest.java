package dev.memdesc.arch.arm64;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.DIRTY;
import static dev.memdesc.api.Access.EXECUTE;
import static dev.memdesc.api.Access.GLOBAL;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.Access;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Items and indices that a walker was seen to take: the same words, to the bit. */
final class Arm64WorkedExamplesTest {
  static TableFormat format(String variant) {
    return Arm64Format.VARIANTS.stream()
        .filter(format -> format.name().equals("arm64/" + variant))
        .findFirst()
        .orElseThrow();
  }

  /** Attributes from letters: r w x u(ser) g(lobal) a(ccessed) d(irty). */
  static Attributes attributes(String letters) {
    List<Access> accesses =
        letters
            .chars()
            .mapToObj(
                letter ->
                    switch (letter) {
                      case 'r' -> READ;
                      case 'w' -> WRITE;
                      case 'x' -> EXECUTE;
                      case 'u' -> USER;
                      case 'g' -> GLOBAL;
                      case 'a' -> ACCESSED;
                      default -> DIRTY;
                    })
            .toList();
    return Attributes.of(accesses.toArray(Access[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    // Stage 1, 4K: rights.
    "4k-48, 0, 0, rwua, 0xABCDE000, 0x00600000ABCDEF43",
    "4k-48, 0, 0, rua, 0xABCDF000, 0x00600000ABCDFFC3",
    "4k-48, 0, 0, rxua, 0xABCE0000, 0x00200000ABCE0FC3",
    "4k-48, 0, 0, rwga, 0xABCE1000, 0x00600000ABCE1703",
    "4k-48, 0, 0, rxga, 0xABCE2000, 0x00400000ABCE2783",
    "4k-48, 0, 0, rwu, 0xABCE3000, 0x00600000ABCE3B43",
    "4k-48, 1, 0, rwua, 0x40200000, 0x0060000040200F41",
    "4k-48, 2, 0, rwua, 0x80000000, 0x0060000080000F41",
    "4k-48, 0, 1, rwua, 0x80010000, 0x0070000080010F43",
    "4k-39-ttbr1, 0, 0, rwga, 0x12345000, 0x0060000012345703",
    // What Linux makes of its protections, with hardware's dirty state.
    "4k-48-dbm, 0, 0, rwua, 0, 0x0068000000000FC3",
    "4k-48-dbm, 0, 0, rwuad, 0, 0x00E8000000000F43",
    "4k-48-dbm, 0, 0, rua, 0, 0x0060000000000FC3",
    "4k-48-dbm, 0, 0, rxua, 0, 0x0020000000000FC3",
    "4k-48-dbm, 0, 0, rwgad, 0, 0x00E8000000000703",
    "4k-48-dbm, 0, 0, rxgad, 0, 0x00C0000000000783",
    // The other granules and widths.
    "16k-36, 0, 0, rwua, 0xABCDC000, 0x00600000ABCDCF43",
    "16k-36, 1, 0, rwua, 0x42000000, 0x0060000042000F41",
    "16k-47, 0, 0, rwua, 0xABCDC000, 0x00600000ABCDCF43",
    "16k-48, 0, 0, rwua, 0xABCDC000, 0x00600000ABCDCF43",
    "64k-42, 0, 0, rwua, 0xABCD0000, 0x00600000ABCD0F43",
    "64k-42, 1, 0, rwua, 0x60000000, 0x0060000060000F41",
    "64k-48, 0, 0, rwua, 0xABCD0000, 0x00600000ABCD0F43",
    "64k-52, 0, 0, rwua, 0x000F00ABCDEF0000, 0x006000ABCDEFFF43",
    "4k-52, 0, 0, rwua, 0x000E00ABCDEF1000, 0x006200ABCDEF1F43",
    "16k-52, 0, 0, rwua, 0x000E00ABCDEF0000, 0x006200ABCDEF0F43",
    // Stage 2.
    "s2-4k-40, 0, 0, rwua, 0x77773000, 0x00400000777737FF",
    "s2-4k-40, 0, 0, rua, 0x77774000, 0x004000007777477F",
    "s2-4k-40, 1, 0, rwua, 0x80200000, 0x00400000802007FD",
    "s2-64k-42, 0, 0, rwua, 0x77770000, 0x00400000777707FF",
  })
  void leafItems(String variant, int level, int k, String letters, String pa, String expected) {
    TableFormat format = format(variant);
    LevelLayout layout = format.level(level);
    Leaf leaf = layout.leaves().get(k);
    Attributes attributes = attributes(letters);
    long item =
        leaf.pa().encode(Hex.parse(pa))
            | leaf.constant()
            | format.codec().bits(attributes, level, leaf);

    assertThat(Hex.of(item)).isEqualToIgnoringCase(expected);
    assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
    assertThat(layout.leafOf(item)).isEqualTo(leaf);
    assertThat(leaf.pa().decode(item)).isEqualTo(Hex.parse(pa));
    assertThat(format.codec().decode(item, level)).isEqualTo(attributes);
    assertThat(layout.accessed().passes(item)).isEqualTo(attributes.has(ACCESSED));
    assertThat(layout.isDirty(item)).isEqualTo(attributes.has(DIRTY));
  }

  @ParameterizedTest
  @CsvSource({
    "4k-48, WRITE_BACK, 0x703",
    "4k-48, UNCACHED, 0x713",
    "4k-48, WRITE_COMBINING, 0x70B",
    "4k-48, WRITE_THROUGH, 0x717",
  })
  void memoryTypes(String variant, MemoryType type, String expected) {
    TableFormat format = format(variant);
    Leaf leaf = format.level(0).leaves().getFirst();
    Attributes attributes = attributes("rwga").with(type);
    long item = leaf.constant() | format.codec().bits(attributes, 0, leaf);
    assertThat(item).isEqualTo(0x0060_0000_0000_0000L | Hex.parse(expected));
    assertThat(format.codec().decode(item, 0)).isEqualTo(attributes);
  }

  @ParameterizedTest
  @CsvSource({
    "4k-48, 0x00007F1234567000, 254 72 418 359",
    "4k-39-ttbr1, 0xFFFFFFC012345000, 256 145 325",
    "16k-36, 0x0000000812344000, 1033 209",
    "16k-47, 0x00003F1234564000, 1009 282 345",
    "16k-48, 0x0000BF1234564000, 1 1009 282 345",
    "64k-42, 0x000002F123450000, 6025 837",
    "64k-48, 0x00007F1234560000, 31 6289 5206",
    "64k-52, 0x000ABF1234560000, 687 6289 5206",
    "4k-52, 0x000A7F1234567000, 10 254 72 418 359",
    "16k-52, 0x000A7F1234564000, 20 2033 282 345",
    "s2-4k-40, 0xAB12345000, 684 145 325",
    "s2-16k-40, 0xAB12344000, 21897 209",
    "s2-64k-42, 0x02AB12340000, 5464 4660",
  })
  void indices(String variant, String va, String expected) {
    TableFormat format = format(variant);
    format.checkVa(Hex.parse(va));
    List<Integer> found =
        IntStream.rangeClosed(0, format.rootLevel())
            .mapToObj(i -> format.level(format.rootLevel() - i).index(Hex.parse(va)))
            .toList();
    assertThat(found).isEqualTo(Arrays.stream(expected.split(" ")).map(Integer::valueOf).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "4k-48, 3, 0x41001000, 0x41001003",
    "s2-4k-40, 2, 0x41001000, 0x41001003",
    "64k-52, 2, 0x000F00ABCDEF0000, 0x00ABCDEFF003",
    "4k-52, 4, 0x000E00ABCDEF1000, 0x000200ABCDEF1303",
    "16k-52, 3, 0x000E00ABCDEF0000, 0x000200ABCDEF0303",
  })
  void tableItems(String variant, int level, String pa, String expected) {
    LevelLayout layout = format(variant).level(level);
    long item = layout.tableItem(Hex.parse(pa));
    assertThat(item).isEqualTo(Hex.parse(expected));
    assertThat(layout.kind(item)).isEqualTo(EntryKind.TABLE);
    assertThat(layout.tablePa().decode(item)).isEqualTo(Hex.parse(pa));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4k-48, 4K/64K/2M/32M/1G/16G",
    "0, 4k-52, 4K/64K/2M/32M/1G/16G/512G",
    "0, 16k-48, 16K/2M/32M/1G",
    "0, 16k-52, 16K/2M/32M/1G/64G",
    "0, 64k-48, 64K/2M/512M/16G",
    "0, 64k-52, 64K/2M/512M/16G/4T",
  })
  void leafSizes(int ignored, String variant, String expected) {
    assertThat(format(variant).leafSizes()).hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource({
    // Granule, va bits, level of the root counted as the manual does, items, bytes.
    "G4K, 25, 2, 16, 128",
    "G4K, 36, 1, 64, 512",
    "G4K, 39, 1, 512, 4096",
    "G4K, 42, 0, 8, 64",
    "G4K, 48, 0, 512, 4096",
    "G4K, 52, -1, 16, 128",
    "G16K, 36, 2, 2048, 16384",
    "G16K, 42, 1, 64, 512",
    "G16K, 47, 1, 2048, 16384",
    "G16K, 48, 0, 2, 16",
    "G16K, 52, 0, 32, 256",
    "G64K, 36, 2, 128, 1024",
    "G64K, 42, 2, 8192, 65536",
    "G64K, 48, 1, 64, 512",
    "G64K, 52, 1, 1024, 8192",
  })
  void rootsOfStageOne(Granule granule, int bits, int start, int items, int bytes) {
    checkRoot(Variant.stageOne(granule, bits), start, items, bytes);
  }

  @ParameterizedTest
  @CsvSource({
    // Granule, ipa bits, start level, code of SL0 with SL2, bytes of all tables of the root.
    "G4K, 32, 2, 0, 16384",
    "G4K, 36, 1, 1, 512",
    "G4K, 40, 1, 1, 8192",
    "G4K, 42, 1, 1, 32768",
    "G4K, 44, 0, 2, 256",
    "G4K, 48, 0, 2, 4096",
    "G4K, 52, 0, 2, 65536",
    "G16K, 32, 2, 1, 1024",
    "G16K, 36, 2, 1, 16384",
    "G16K, 40, 2, 1, 262144",
    "G16K, 42, 1, 2, 512",
    "G16K, 44, 1, 2, 2048",
    "G16K, 48, 1, 2, 32768",
    "G16K, 52, 0, 3, 256",
    "G64K, 32, 2, 1, 64",
    "G64K, 36, 2, 1, 1024",
    "G64K, 40, 2, 1, 16384",
    "G64K, 42, 2, 1, 65536",
    "G64K, 44, 2, 1, 262144",
    "G64K, 48, 1, 2, 512",
    "G64K, 52, 1, 2, 8192",
  })
  void rootsOfStageTwo(Granule granule, int bits, int start, int code, int bytes) {
    Variant variant = Variant.stageTwo(granule, bits);
    checkRoot(variant, start, bytes / 8, bytes);
    assertThat(granule.startLevelCode(variant.levels() - 1)).isEqualTo(code);
  }

  private static void checkRoot(Variant variant, int start, int items, int bytes) {
    TableFormat format = Arm64Format.of(variant);
    LevelLayout root = format.level(format.rootLevel());
    assertThat(root.manualName()).isEqualTo("L" + start);
    assertThat(root.items()).isEqualTo(items);
    assertThat(root.table().bytes()).isEqualTo(bytes);
    assertThat(1 << root.table().alignLg2()).isEqualTo(bytes);
    for (int level = 0; level < format.rootLevel(); level++) {
      assertThat(format.level(level).table().bytes()).isEqualTo(1 << variant.granule().lg2());
    }
  }
}
