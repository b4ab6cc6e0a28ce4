package dev.memdesc.bench.alloc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One side of one question, for JMH. */
public final class AllocSides implements AutoCloseable {
  /** How many pairs of allocate and free a cycle has. */
  public static final int OPERATIONS = 4000;

  private final List<Side> sides;
  private final Side side;

  private AllocSides(List<Side> sides, String name) {
    this.sides = sides;
    this.side =
        sides.stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("a rival can be compiled here: name=" + name));
  }

  /** The side of that name of the question of that name. */
  public static AllocSides open(String question, String name) {
    AllocQuestion asked =
        Stream.of(AllocQuestion.values())
            .filter(one -> one.title().equals(question))
            .findFirst()
            .orElseThrow();
    if (asked.operations() != OPERATIONS) {
      throw new IllegalStateException(
          "a cycle has the operations that the score is divided by: question=" + question);
    }
    try {
      Path folder = Files.createTempDirectory("memdesc-alloc");
      var _ = NativeSources.ALLOC.compile(folder);
      AllocSides opened = new AllocSides(asked.sides(folder), name);
      // What was loaded need not stay.
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use a temporary folder", e);
    }
  }

  /** Does the operations of one cycle. */
  public void cycle() {
    side.cycle();
  }

  @Override
  public void close() {
    sides.forEach(Side::close);
  }
}
