package dev.memdesc.cli.output;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * One page with charts that needs no network. Its content security policy lets only the two scripts
 * run that are written into it, by their hashes, so that no name in the data can become a script;
 * the numbers are a JSON block, which is not run.
 */
public final class ChartPage {
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.5.0/echarts.common.min.js";

  private final Class<?> beside;
  private final String name;

  private ChartPage(Class<?> beside, String name) {
    this.beside = beside;
    this.name = name;
  }

  /** A page from the template {@code name.html} and the script {@code name.js} beside a class. */
  public static ChartPage of(Class<?> beside, String name) {
    return new ChartPage(beside, name);
  }

  /**
   * Writes the page.
   *
   * @param tree of the numbers
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be written
   */
  public void write(Path file, Object tree) {
    try {
      Files.writeString(file, page(tree));
    } catch (IOException e) {
      throw PageTableException.because(
              Reason.INPUT, "a page is written to a file in a folder that exists")
          .with("file", file)
          .with("error", e.getClass().getSimpleName())
          .build(e);
    }
  }

  /** The text of the page. */
  public String page(Object tree) {
    String charts = script(resource(CHARTS));
    String script = script(resource(name + ".js"));
    String policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
            + " form-action 'none'; script-src '"
            + hash(charts)
            + "' '"
            + hash(script)
            + "'";
    // Each mark is replaced once, in the template only: what is put in is not searched again.
    StringBuilder page = new StringBuilder();
    for (String part : resource(name + ".html").split("@@", -1)) {
      page.append(
          switch (part) {
            case "POLICY" -> policy;
            case "CHARTS" -> charts;
            case "SCRIPT" -> script;
            case "DATA" -> data(tree);
            default -> part;
          });
    }
    return page.toString();
  }

  private static String script(String text) {
    return text.replace("</script", "<\\/script");
  }

  /** JSON in which no character can end the element that holds it. */
  private static String data(Object tree) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    JsonOutput.print(out, tree);
    out.flush();
    return text.toString().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private String resource(String file) {
    try (InputStream in = beside.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("a resource is missing from the class path: " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("a resource cannot be read: " + file, e);
    }
  }
}
