import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Reads what Surefire and Failsafe reported, and fails unless tests ran in every module, none
 * failed, and each one that was skipped gave a reason that is allowed.
 *
 * <p>Usage: {@code java tools/Reports.java ROOT REGEX... -- MODULE...}: folders of modules below
 * the root, and regular expressions of which one must match the whole reason of a skip. Runs on any
 * JDK from 17. Exit status 1 after all complaints, 2 if it is used wrongly.
 */
public final class Reports {
  private static final List<String> FOLDERS = List.of("surefire-reports", "failsafe-reports");

  private final List<Pattern> allowed = new ArrayList<>();
  private final List<String> complaints = new ArrayList<>();
  private int tests;
  private int skipped;

  private Reports() {}

  public static void main(String[] args)
      throws IOException, ParserConfigurationException, SAXException {
    List<String> all = Arrays.asList(args);
    int modules = all.indexOf("--") + 1;
    if (modules < 2 || modules == all.size()) {
      System.err.println("usage: java tools/Reports.java ROOT REGEX... -- MODULE...");
      System.exit(2);
    }
    Reports reports = new Reports();
    all.subList(1, modules - 1).forEach(regex -> reports.allowed.add(Pattern.compile(regex)));
    for (String module : all.subList(modules, all.size())) {
      reports.read(Path.of(all.get(0)), module);
    }
    System.out.printf("reports: %d tests, %d skipped%n", reports.tests, reports.skipped);
    reports.complaints.forEach(line -> System.err.println("reports: " + line));
    System.exit(reports.complaints.isEmpty() ? 0 : 1);
  }

  private void read(Path root, String module)
      throws IOException, ParserConfigurationException, SAXException {
    int before = tests;
    for (String folder : FOLDERS) {
      Path reports = root.resolve(module).resolve("target").resolve(folder);
      if (Files.isDirectory(reports)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(reports, "TEST-*.xml")) {
          for (Path file : files) {
            read(file);
          }
        }
      }
    }
    System.out.printf("reports: %s: %d tests%n", module, tests - before);
    if (tests == before) {
      complaints.add("no test ran: module=" + module);
    }
  }

  private void read(Path file) throws IOException, ParserConfigurationException, SAXException {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    int skips = number(suite, "skipped");
    tests += number(suite, "tests") - skips;
    skipped += skips;
    if (number(suite, "failures") + number(suite, "errors") > 0) {
      complaints.add("a test failed: class=" + suite.getAttribute("name"));
    }
    NodeList reasons = suite.getElementsByTagName("skipped");
    for (int i = 0; i < reasons.getLength(); i++) {
      check((Element) reasons.item(i));
    }
    if (skips > reasons.getLength()) {
      complaints.add("a test was skipped without a reason: class=" + suite.getAttribute("name"));
    }
  }

  private void check(Element skip) {
    String message = skip.getAttribute("message").strip();
    String reason = message.isEmpty() ? skip.getTextContent().strip() : message;
    String test =
        skip.getParentNode() instanceof Element
            ? name((Element) skip.getParentNode())
            : skip.getTagName();
    if (allowed.stream().anyMatch(regex -> regex.matcher(reason).matches())) {
      System.out.printf("reports: skipped, as is allowed: %s: %s%n", test, reason);
    } else {
      complaints.add("a test was skipped that must run: test=" + test + ", reason=" + reason);
    }
  }

  private static String name(Element test) {
    return test.getAttribute("classname") + "." + test.getAttribute("name");
  }

  private static int number(Element suite, String attribute) {
    String text = suite.getAttribute(attribute);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }
}
