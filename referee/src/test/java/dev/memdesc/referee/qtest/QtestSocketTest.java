package dev.memdesc.referee.qtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The protocol, against a peer that is played by the test. */
final class QtestSocketTest {
  @TempDir private Path folder;

  private SocketChannel peer;
  private QtestSocket socket;

  @BeforeEach
  void connect(TestInfo info) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      peer = SocketChannel.open(address);
      socket =
          new QtestSocket(
              server.accept(),
              (rule, during) ->
                  PageTableException.because(Reason.TOOL, rule).with("during", during).build(),
              patience(info));
    }
  }

  /** Short only where silence is what the test is about. */
  private static Duration patience(TestInfo info) {
    return info.getDisplayName().startsWith("silence")
        ? Duration.ofSeconds(2)
        : Duration.ofMinutes(2);
  }

  @AfterEach
  void disconnect() throws IOException {
    socket.close();
    peer.close();
  }

  private void says(String text) throws IOException {
    peer.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void commandsAreLinesAndAnswersComeInTheirOrder() throws IOException {
    says("OK 0x0000000000000012\nIRQ raise 3\nOK\nOK 0xfff");
    says("fffffffffffff\n");
    long[] values = socket.newBatch().readl(0x10).writel(0, 0x1_8000_0000L).readq(-1L).run();
    assertThat(values).containsExactly(0x12, 0, -1L);

    ByteBuffer sent = ByteBuffer.allocate(200);
    peer.read(sent);
    assertThat(new String(sent.array(), 0, sent.position(), StandardCharsets.US_ASCII))
        .isEqualTo("readl 0x10\nwritel 0x0 0x80000000\nreadq 0xffffffffffffffff\n");
  }

  @Test
  void moreThanTheSocketHolds() throws Exception {
    int commands = 200_000;
    Thread echo =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    ByteBuffer buffer = ByteBuffer.allocate(1000);
                    for (int lines = 0; lines < commands; buffer.clear()) {
                      peer.read(buffer);
                      int found = 0;
                      for (int i = 0; i < buffer.position(); i++) {
                        found += buffer.get(i) == '\n' ? 1 : 0;
                      }
                      lines += found;
                      ByteBuffer answer =
                          ByteBuffer.wrap("OK\n".repeat(found).getBytes(StandardCharsets.US_ASCII));
                      while (answer.hasRemaining()) {
                        peer.write(answer);
                      }
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    QtestBatch batch = socket.newBatch();
    for (int i = 0; i < commands; i++) {
      batch.writeq(i, i);
    }
    assertThat(batch.size()).isEqualTo(commands);
    assertThat(batch.run()).hasSize(commands);
    echo.join();
  }

  @Test
  void silenceEndsInTimeAndTheConnectionIsNotUsedAgain() {
    assertThatThrownBy(() -> socket.readl(0x10))
        .hasMessage("QEMU answers within 2 seconds: during=readl 0x10");
    assertThatThrownBy(() -> socket.readl(0x10)).hasMessageContaining("not used again");
  }

  @Test
  void theEndOfTheConnectionIsReported() throws IOException {
    says("OK 0x1");
    peer.close();
    assertThatThrownBy(() -> socket.readl(0x10))
        .hasMessageContaining("QEMU runs until it is told to stop: during=readl 0x10");
  }
}
