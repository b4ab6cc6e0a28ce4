package dev.memdesc.referee.iommu;

import dev.memdesc.referee.GuestRam;
import dev.memdesc.referee.iommu.DomainBook.Mapped;
import dev.memdesc.referee.qtest.EduDevice;
import dev.memdesc.referee.qtest.EduDevice.Transfer;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A device, what should be in its buffer, the domain it is in, and its window: a page to which it
 * writes what it has read, since its buffer cannot be seen.
 */
final class Player {
  final EduDevice device;
  final byte[] buffer = new byte[EduDevice.MOST_BYTES];
  @Nullable DomainBook book;
  private @Nullable Mapped window;

  Player(EduDevice device) {
    this.device = device;
  }

  void join(DomainBook other) {
    other.domain().attach(device.bdf());
    window = other.openWindow();
    book = other;
  }

  void leave(DomainBook old) {
    old.domain().detach(device.bdf());
    old.closeWindow(window());
    old.leaves().forEach(leaf -> leaf.seenBy.remove(device.bdf()));
    book = null;
    window = null;
  }

  Mapped window() {
    return Objects.requireNonNull(window);
  }

  /** Fills the buffer with something, through the window. */
  void fill(GuestRam ram, SplittableRandom random) {
    random.nextBytes(buffer);
    ram.store(window().pa, buffer);
    EduDevice.run(List.of(Transfer.read(device, window().iova, buffer.length, 0)));
  }
}
