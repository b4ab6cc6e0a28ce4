package dev.memdesc.bench.engine;

import dev.memdesc.bench.twin.TwinCompiler;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a fork is to do.
 *
 * @param folder holds the compiled twins, this plan and the result
 * @param question the only question to ask, or {@link #EVERY_QUESTION}
 * @param manyFormats whether every other format is loaded and exercised first
 * @param trials how many trials there are for each subject and question
 * @param trialMillis how long one is
 * @param warmUpMillis how long a subject runs before the first trial
 */
record ForkPlan(
    Path folder,
    String question,
    boolean manyFormats,
    int trials,
    int trialMillis,
    int warmUpMillis) {
  /** Stands for all of them. */
  static final String EVERY_QUESTION = "all";

  private static final String FILE = "plan.properties";

  boolean asks(Question asked) {
    return question.equals(EVERY_QUESTION) || question.equals(asked.name());
  }

  /** Where {@link TwinCompiler} puts a variant. */
  Path libraryOf(TwinCompiler.Variant variant) {
    return TwinCompiler.library(variant, folder);
  }

  /** Where the fork puts what it measured. */
  Path result() {
    return folder.resolve("result.txt");
  }

  /** Writes the plan to its folder. */
  void write() throws IOException {
    Properties properties = new Properties();
    properties.setProperty("question", question);
    properties.setProperty("manyFormats", Boolean.toString(manyFormats));
    properties.setProperty("trials", Integer.toString(trials));
    properties.setProperty("trialMillis", Integer.toString(trialMillis));
    properties.setProperty("warmUpMillis", Integer.toString(warmUpMillis));
    try (Writer out = Files.newBufferedWriter(folder.resolve(FILE))) {
      properties.store(out, null);
    }
  }

  static ForkPlan read(Path folder) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(folder.resolve(FILE))) {
      properties.load(in);
    }
    return new ForkPlan(
        folder,
        properties.getProperty("question"),
        Boolean.parseBoolean(properties.getProperty("manyFormats")),
        Integer.parseInt(properties.getProperty("trials")),
        Integer.parseInt(properties.getProperty("trialMillis")),
        Integer.parseInt(properties.getProperty("warmUpMillis")));
  }
}
