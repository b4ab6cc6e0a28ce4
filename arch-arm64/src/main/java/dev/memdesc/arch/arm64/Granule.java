package dev.memdesc.arch.arm64;

/**
 * A granule: the size of a page and of a whole table. Arm ARM D8.2 "Translation process" for the
 * arithmetic, D8.7.1 "The Contiguous bit" for the groups. Levels are counted from 0, the manual's
 * level 3, upwards.
 */
enum Granule {
  /** 4 KiB. */
  G4K("4k", 12, 0, 2),
  /** 16 KiB. */
  G16K("16k", 14, 2, 1),
  /** 64 KiB. */
  G64K("64k", 16, 1, 3);

  /** The manual's level of memdesc's level 0. */
  private static final int MANUAL_LEAF_LEVEL = 3;

  private final String label;
  private final int lg2;
  private final int tg0;
  private final int tg1;

  Granule(String label, int lg2, int tg0, int tg1) {
    this.label = label;
    this.lg2 = lg2;
    this.tg0 = tg0;
    this.tg1 = tg1;
  }

  /** As in a format's name. */
  String label() {
    return label;
  }

  /** log2 of its bytes. */
  int lg2() {
    return lg2;
  }

  /** Index bits of a whole table: 8-byte items. */
  int indexBits() {
    return lg2 - 3;
  }

  /** log2 of the bytes that an item of a level spans. */
  int shift(int level) {
    return lg2 + level * indexBits();
  }

  /** How many levels an input address of so many bits takes, with a root of one table at most. */
  int levels(int bits) {
    return (bits - lg2 + indexBits() - 1) / indexBits();
  }

  /**
   * How many levels stage 2 takes: one less where up to 16 tables laid side by side save it, but
   * two at least.
   */
  int stageTwoLevels(int bits) {
    return Math.max(2, (bits - 8) / indexBits());
  }

  /** log2 of the items of a contiguous group; 0 where a level has none. */
  int groupLg2(int level) {
    return switch (this) {
      case G4K -> level <= 2 ? 4 : 0;
      case G16K -> level == 0 ? 7 : level == 1 ? 5 : 0;
      case G64K -> level <= 1 ? 5 : 0;
    };
  }

  /**
   * The highest level with leaves above the one whose tables hold pages.
   *
   * @param wide whether output addresses have 52 bits: with LPA2 (4K, 16K) or LPA (64K)
   */
  int highestLeafLevel(boolean wide) {
    return this == G4K ? (wide ? 3 : 2) : wide ? 2 : 1;
  }

  /** The code of TCR_EL1.TG0 and VTCR_EL2.TG0. */
  int tg0() {
    return tg0;
  }

  /** The code of TCR_EL1.TG1. */
  int tg1() {
    return tg1;
  }

  /**
   * The code of VTCR_EL2.SL0 for a start at a level; bit 2 of it is SL2.
   *
   * @param level of the root
   */
  int startLevelCode(int level) {
    int manual = manualLevel(level);
    if (this != G4K) {
      return MANUAL_LEAF_LEVEL - manual;
    }
    return switch (manual) {
      case -1 -> 4;
      case MANUAL_LEAF_LEVEL -> MANUAL_LEAF_LEVEL;
      default -> 2 - manual;
    };
  }

  /** The manual's number of a level. */
  static int manualLevel(int level) {
    return MANUAL_LEAF_LEVEL - level;
  }
}
