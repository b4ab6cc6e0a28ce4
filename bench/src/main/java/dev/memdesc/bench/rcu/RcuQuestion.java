package dev.memdesc.bench.rcu;

import dev.memdesc.bench.alloc.Side;
import dev.memdesc.bench.alloc.SpeedQuestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The questions about the speed of RCU, and who answers each. */
enum RcuQuestion implements SpeedQuestion {
  /** Enter, find, read, exit; nesting is counted, the reader is passed along. */
  SECTION("section", "read section", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.asymmetric(operations()));
      sides.add(RcuSides.stampedLock(operations()));
      sides.addAll(rivals.sections(operations()));
      return sides;
    }
  },
  /** The flavour that needs nothing but the specification. */
  FENCED("fenced", "read section, spec-clean", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.fenced(operations()));
      sides.addAll(rivals.sections(operations()));
      return sides;
    }
  },
  /** Quiescent once in 1024 sections. */
  QSBR("qsbr", "read section, quiescent once in 1024", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.quiescent(operations()));
      sides.addAll(rivals.quiescentSections(operations()));
      return sides;
    }
  },
  /** Heads that are there already, until the last was called. */
  CALL("call", "call to callback, no reader", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.call(operations(), false));
      sides.addAll(rivals.call(operations(), false));
      return sides;
    }
  },
  /** The same beside a thread that reads all the time. */
  CALL_READER("call-reader", "call to callback, a spinning reader", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.call(operations(), true));
      sides.addAll(rivals.call(operations(), true));
      return sides;
    }
  },
  /** Values instead of heads. */
  DEFER("defer", "defer to callback, no reader", 1 << 16) {
    @Override
    List<Side> sides(UrcuSides rivals) {
      List<Side> sides = new ArrayList<>();
      sides.add(RcuSides.defer(operations()));
      sides.addAll(rivals.call(operations(), false));
      return sides;
    }
  };

  private final String title;
  private final String row;
  private final int operations;

  RcuQuestion(String title, String row, int operations) {
    this.title = title;
    this.row = row;
    this.operations = operations;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public int operations() {
    return operations;
  }

  @Override
  public List<Side> sides(Path folder) {
    return sides(new UrcuSides(folder));
  }

  abstract List<Side> sides(UrcuSides rivals);
}
