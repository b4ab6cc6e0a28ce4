package dev.memdesc.tck;

import dev.memdesc.api.format.TableFormat;

/** The sample backend's format under other names. */
public final class SampleFormats {
  private SampleFormats() {}

  /** The same with another name. */
  public static TableFormat named(String name) {
    return SampleBackend.format(name, SampleBackend.CODEC);
  }
}
