package dev.memdesc.cli.survey;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.cli.output.JsonOutput;
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
import java.util.List;

/**
 * Writes reports as one page with charts that needs no network. Its content security policy lets
 * only the two scripts run that are written into it, by their hashes, so that no name of a process
 * or mapping can become a script; the numbers are a JSON block, which is not run.
 */
final class SurveyPage {
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.5.0/echarts.common.min.js";

  private SurveyPage() {}

  /**
   * Writes the page.
   *
   * @throws PageTableException with {@link Reason#INPUT} if the file cannot be written
   */
  static void write(Path file, List<SurveyReport> reports) {
    try {
      Files.writeString(file, page(reports));
    } catch (IOException e) {
      throw PageTableException.because(
              Reason.INPUT, "a page is written to a file in a folder that exists")
          .with("file", file)
          .with("error", e.getClass().getSimpleName())
          .build(e);
    }
  }

  /** The text of the page. */
  static String page(List<SurveyReport> reports) {
    String charts = script(resource(CHARTS));
    String script = script(resource("survey.js"));
    String policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
            + " form-action 'none'; script-src '"
            + hash(charts)
            + "' '"
            + hash(script)
            + "'";
    // Each mark is replaced once, in the template only: what is put in is not searched again.
    StringBuilder page = new StringBuilder();
    for (String part : resource("survey.html").split("@@", -1)) {
      page.append(
          switch (part) {
            case "POLICY" -> policy;
            case "CHARTS" -> charts;
            case "SCRIPT" -> script;
            case "DATA" -> data(reports);
            default -> part;
          });
    }
    return page.toString();
  }

  private static String script(String text) {
    return text.replace("</script", "<\\/script");
  }

  /** JSON in which no character can end the element that holds it. */
  private static String data(List<SurveyReport> reports) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    JsonOutput.print(out, SurveyJson.tree(reports));
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

  private static String resource(String name) {
    try (InputStream in = SurveyPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("a resource is missing from the class path: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("a resource cannot be read: " + name, e);
    }
  }
}
