package dev.memdesc.cli.replay;

/** What an event asked for that its domain could not do, or had no reason to do. */
enum Finding {
  /** Something is mapped there: it is unmapped first, as after an unmap that the trace lacks. */
  DOUBLE_MAP("doubleMap", "map of what is mapped already; the new mapping takes its place"),
  /** Nothing is mapped there: the trace began later, lost the map, or mixes domains. */
  NEVER_MAPPED("neverMapped", "unmap of what this trace never mapped"),
  /** Only a part of it is mapped. */
  PARTLY_MAPPED("partlyMapped", "unmap of a range of which a part is mapped"),
  /** It begins or ends inside a large leaf. */
  CUT_LEAF("cutLeaf", "unmap of a part of a large leaf; the leaf is split"),
  /** The format does not translate the iova. */
  OUTSIDE_FORMAT("outsideFormat", "iova that the format does not translate; not replayed"),
  /** The unit does not translate the iova. */
  RESERVED("reserved", "iova that the unit keeps for itself; not replayed"),
  /** The format has no room for the pa. */
  PA_TOO_WIDE("paTooWide", "pa that is wider than the format has room for; not replayed"),
  /** Its tables are larger than the memory for them. */
  TOO_LARGE("tooLarge", "map that takes more tables than there is memory for; not replayed"),
  /** No page of 4K begins there. */
  MISALIGNED("misaligned", "iova, pa or size that is no multiple of 4096; not replayed"),
  /** Nothing is asked for. */
  ZERO_LENGTH("zeroLength", "map or unmap of no bytes"),
  /** There are too many devices; the default domain takes the events. */
  TOO_MANY_DOMAINS("tooManyDomains", "attach of one device more than can have a domain"),
  /** The kernel names too many domains. */
  TOO_MANY_NAMES("tooManyNames", "event of one named domain more than there can be; not replayed"),
  /** There are too many devices in groups. */
  TOO_MANY_DEVICES("tooManyDevices", "one device in a group more than is kept; it is in none");

  private final String key;
  private final String sentence;

  Finding(String key, String sentence) {
    this.key = key;
    this.sentence = sentence;
  }

  /** Its name in JSON. */
  String key() {
    return key;
  }

  /** What it means. */
  String sentence() {
    return sentence;
  }
}
