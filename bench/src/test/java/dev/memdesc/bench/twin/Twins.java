package dev.memdesc.bench.twin;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memdesc.api.Attributes;
import dev.memdesc.api.format.TableFormat;
import java.nio.file.Path;

/** Twins for tests. Without a compiler the test is skipped, and says so; in CI it fails. */
public final class Twins {
  private Twins() {}

  /** A twin compiled in a folder of the test. */
  public static TwinSubject of(TwinCompiler.Variant variant, Path folder, TableFormat format) {
    boolean hasCompiler = TwinCompiler.version().isPresent();
    if (!hasCompiler) {
      System.out.println("skipped for want of gcc: the engine against its C twin");
    }
    assumeTrue(hasCompiler, "the C twin needs gcc");
    TwinLibrary library = TwinLibrary.load(variant.title(), TwinCompiler.compile(variant, folder));
    return new TwinSubject(library, format, Attributes.USER_DATA);
  }
}
