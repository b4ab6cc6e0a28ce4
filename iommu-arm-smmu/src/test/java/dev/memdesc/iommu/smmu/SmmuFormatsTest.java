package dev.memdesc.iommu.smmu;

import static dev.memdesc.api.Access.ACCESSED;
import static dev.memdesc.api.Access.EXECUTE;
import static dev.memdesc.api.Access.GLOBAL;
import static dev.memdesc.api.Access.READ;
import static dev.memdesc.api.Access.USER;
import static dev.memdesc.api.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.Hex;
import dev.memdesc.api.MemoryType;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.BitField;
import dev.memdesc.api.format.EntryKind;
import dev.memdesc.api.format.Leaf;
import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Items and indices that an SMMUv3 was seen to take: the same words, to the bit. */
final class SmmuFormatsTest {
  private static final Attributes RO = Attributes.of(READ, USER, ACCESSED);
  private static final Attributes RW = RO.with(WRITE);

  static TableFormat format(String variant) {
    return SmmuFormats.VARIANTS.stream()
        .filter(format -> format.name().equals("arm-smmu/" + variant))
        .findFirst()
        .orElseThrow();
  }

  private static long item(TableFormat format, int level, Attributes attributes, long pa) {
    Leaf leaf = format.level(level).leaves().getFirst();
    return leaf.pa().encode(pa) | leaf.constant() | format.codec().bits(attributes, level, leaf);
  }

  @ParameterizedTest
  @CsvSource({
    // What io-pgtable writes for memory that is cached.
    "s1-4k-48, 0, rw, 0, 0x0060000000000F47",
    "s1-4k-48, 0, ro, 0, 0x0060000000000FC7",
    "s1-4k-48, 0, rw, 0x40845000, 0x0060000040845F47",
    "s1-4k-48, 0, ro, 0x40846000, 0x0060000040846FC7",
    "s1-4k-48, 1, rw, 0x40A00000, 0x0060000040A00F45",
    "s1-4k-48, 2, rw, 0x40000000, 0x0060000040000F45",
    "s1-64k-48, 0, rw, 0x40840000, 0x0060000040840F47",
    "s1-64k-48, 1, rw, 0x40000000, 0x0060000040000F45",
    "s2-4k-40, 0, rw, 0x77773000, 0x00400000777737FF",
    "s2-4k-40, 0, ro, 0x77774000, 0x004000007777477F",
    "s2-4k-40, 1, rw, 0x80200000, 0x00400000802007FD",
    "s2-64k-42, 0, rw, 0x77770000, 0x00400000777707FF",
  })
  void leafItems(String variant, int level, String rights, String pa, String expected) {
    TableFormat format = format(variant);
    LevelLayout layout = format.level(level);
    Attributes attributes = rights.equals("rw") ? RW : RO;
    long item = item(format, level, attributes, Hex.parse(pa));
    assertThat(Hex.of(item)).isEqualToIgnoringCase(expected);
    assertThat(layout.kind(item)).isEqualTo(EntryKind.LEAF);
    assertThat(format.codec().decode(item, level)).isEqualTo(attributes);
    assertThat(layout.leaves().getFirst().pa().decode(item)).isEqualTo(Hex.parse(pa));
  }

  @ParameterizedTest
  @CsvSource({
    "WRITE_BACK, 0x0060000000000F47",
    // Index 0, outer shareable.
    "WRITE_COMBINING, 0x0060000000000E43",
    // Index 2, as io-pgtable has for registers.
    "UNCACHED, 0x0060000000000E4B",
  })
  void memoryTypes(MemoryType type, String expected) {
    TableFormat format = format("s1-4k-48");
    long item = item(format, 0, RW.with(type), 0);
    assertThat(Hex.of(item)).isEqualToIgnoringCase(expected);
    assertThat(format.codec().decode(item, 0)).isEqualTo(RW.with(type));
  }

  @Test
  void executableForEverybodyOrNobody() {
    TableFormat format = format("s1-4k-48");
    long item = item(format, 0, RW.with(EXECUTE), 0);
    assertThat(item & StageOneCodec.XN).isZero();
    assertThat(format.codec().decode(item, 0)).isEqualTo(RW.with(EXECUTE));
  }

  @Test
  void outerCachesOnlyIsWriteBack() {
    long item = item(format("s1-4k-48"), 0, RW, 0) | 3 << StageOneCodec.ATTR_SHIFT;
    assertThat(format("s1-4k-48").codec().decode(item, 0)).isEqualTo(RW);
  }

  @Test
  void whatNoDeviceHasIsRefused() {
    for (Attributes wrong :
        List.of(RW.with(GLOBAL), RW.with(MemoryType.WRITE_THROUGH), RW.without(READ))) {
      PageTableException refused =
          catchThrowableOfType(
              PageTableException.class, () -> item(format("s1-4k-48"), 0, wrong, 0));
      assertThat(refused.reason()).as(wrong.toString()).isEqualTo(Reason.ATTRIBUTE);
    }
  }

  @Test
  void aPictureSaysWhatMairHas() {
    TableFormat format = format("s1-4k-48");
    long item = item(format, 0, RW, 0x4000_0000L);
    BitField index =
        format.codec().picture(item, 0).stream()
            .filter(field -> field.name().equals("AttrIndx"))
            .findFirst()
            .orElseThrow();
    assertThat(index.meaning().apply(index.value(item))).isEqualTo("write-back");
  }

  @ParameterizedTest
  @CsvSource({
    "s1-4k-48, 0x0000345612345000, 104 344 145 325",
    "s1-64k-48, 0x0000345612340000, 13 688 4660",
    "s2-4k-40, 0xAB12345000, 684 145 325",
    "s2-16k-40, 0xAB12344000, 21897 209",
    "s2-64k-42, 0x02AB12340000, 5464 4660",
  })
  void indices(String variant, String va, String expected) {
    TableFormat format = format(variant);
    List<Integer> found =
        IntStream.rangeClosed(0, format.rootLevel())
            .mapToObj(i -> format.level(format.rootLevel() - i).index(Hex.parse(va)))
            .toList();
    assertThat(found).isEqualTo(Arrays.stream(expected.split(" ")).map(Integer::valueOf).toList());
  }

  @ParameterizedTest
  @CsvSource({
    // Two and 16 tables side by side.
    "s2-4k-40, 8192",
    "s2-16k-40, 262144",
    "s2-4k-48, 4096",
    "s2-4k-44, 256",
    "s2-64k-42, 65536",
    "s1-4k-48, 4096",
    "s1-4k-39, 4096",
    "s1-16k-47, 16384",
    "s1-64k-48, 512",
  })
  void roots(String variant, int bytes) {
    TableFormat format = format(variant);
    LevelLayout root = format.level(format.rootLevel());
    assertThat(root.table().bytes()).isEqualTo(bytes);
    assertThat(1 << root.table().alignLg2()).isEqualTo(bytes);
  }

  @Test
  void leavesAreOfOneItem() {
    List<TableFormat> walked = SmmuFormats.VARIANTS.stream().filter(SmmuFormats::isWalked).toList();
    for (TableFormat format : walked) {
      for (LevelLayout level : format.levels()) {
        assertThat(level.leaves()).as(format.name()).hasSizeLessThan(2);
      }
    }
    assertThat(format("s1-4k-48").leafSizes()).hasToString("4K/2M/1G");
    assertThat(format("s1-16k-47").leafSizes()).hasToString("16K/32M");
    assertThat(format("s1-64k-48").leafSizes()).hasToString("64K/512M");
  }
}
