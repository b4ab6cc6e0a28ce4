package dev.memdesc.cli.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurveyPageTest {
  private static final String HOSTILE = "</script><script>alert(1)</script>";

  @TempDir private Path folder;

  private String page() throws IOException {
    new SavedSurveyGenerator(folder, 42).area(0x400000, 0x200000, 0x1000, 0x10000).write(12);
    Path status = folder.resolve("42/status");
    Files.writeString(status, Files.readString(status).replace("generated", HOSTILE));
    for (String name : new String[] {"maps", "smaps"}) {
      Path file = folder.resolve("42").resolve(name);
      Files.writeString(
          file, Files.readString(file).replace("00:00 0 ", "00:00 0   /tmp/@@DATA@@" + HOSTILE));
    }
    Path html = folder.resolve("page.html");
    Cli.Result result = Cli.survey("--from", folder.toString(), "--html", html.toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    return Files.readString(html);
  }

  @Test
  void thePageHoldsTheNumbersAndLoadsNothing() throws IOException {
    String page = page();
    assertThat(page)
        .contains("\"predictedVmPteKiB\" : 12")
        .contains("\"manualName\" : \"PT\"")
        .contains("Content-Security-Policy")
        .contains("default-src 'none'");
    String own = page.substring(0, page.indexOf("<script>"));
    assertThat(own).doesNotContain("http:").doesNotContain("https:").doesNotContain("src=");
    assertThat(page)
        .doesNotContain("<script src")
        .doesNotContain("<link")
        .doesNotContain("@import");
  }

  @Test
  void namesCannotBecomeScripts() throws IOException {
    String page = page();
    assertThat(page).doesNotContain(HOSTILE).contains("\\u003c/script\\u003e");
    // The block of data and the two scripts, and nothing else, begin and end.
    assertThat(page.split("<script", -1)).hasSize(4);
    assertThat(page.split("</script", -1)).hasSize(4);
    assertThat(page).contains("/tmp/@@DATA@@");
  }

  @Test
  void thePolicyAllowsExactlyTheScriptsOfThePage() throws Exception {
    String page = page();
    Matcher scripts = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(page);
    int found = 0;
    while (scripts.find()) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(scripts.group(1).getBytes(StandardCharsets.UTF_8));
      assertThat(page).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
      found++;
    }
    assertThat(found).isEqualTo(2);
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() throws IOException {
    new SavedSurveyGenerator(folder, 42).area(0x400000, 0x200000, 0x1000, 0x10000).write(12);
    Cli.Result result =
        Cli.survey("--from", folder.toString(), "--html", folder.resolve("no/page").toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("a page is written to a file in a folder that exists: file=");
  }
}
