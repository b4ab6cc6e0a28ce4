package dev.memdesc.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine;

/**
 * Runs what users run and prints nothing. The launcher starts it once after a build: the archive
 * that the JVM writes at its end then has the classes of every command and not only of whichever
 * came first.
 */
final class ArchiveTraining {
  private static final List<String> COMMANDS =
      List.of(
          "list",
          "list --json",
          "list x86",
          "list x68",
          "decode x86 --va 0x7f1234567000 --level 0 0x80000000abcde067",
          "decode x86 --level 3 0x101007 --json",
          "decode --help",
          "bench fragments --n 256 --policy powerpc-bump --steps 1000",
          "bench alloc --help",
          "bench trace --help",
          "replay /dev/null --iommu arm-smmu",
          "survey --self",
          "survey --self --json",
          "torture --rcu --seconds 1",
          "walk /proc/self/exe --base 0 --arch x86 --root 0",
          "walk /proc/self/exe --base 0 --arch x86 --root 0 --json",
          "walk /proc/self/exe --base 0 --arch x86 --root 0 --va 0",
          "verify --arch x86/4-level --tables 1");

  private ArchiveTraining() {}

  /** Runs every command. */
  public static void main(String[] args) {
    for (String command : COMMANDS) {
      CommandLine line = Main.commandLine();
      line.setOut(new PrintWriter(Writer.nullWriter()));
      line.setErr(new PrintWriter(Writer.nullWriter()));
      line.execute(command.split(" "));
    }
  }
}
