package dev.memdesc.cli;

import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an address or item from the command line as {@link Hex#parse} does. */
public final class Word implements ITypeConverter<Long> {
  /** Called by picocli. */
  public Word() {}

  @Override
  public Long convert(String text) {
    try {
      return Hex.parse(text);
    } catch (PageTableException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
