package dev.memdesc.bench.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Whose events a trace has. */
public enum TraceKind {
  /** A network card's rings: a page is mapped and unmapped for each packet. */
  NETWORK_RING("network-ring"),
  /** A disk's queues: scatter lists of 4K to 512K, unmapped whole, in any order. */
  NVME_QUEUE("nvme-queue"),
  /** Machines whose whole memory is mapped for their device, most of it in pages of 2 MiB. */
  VFIO_PIN("vfio-pin"),
  /** A page mapped and unmapped in every 2 MiB. */
  IOVA_STRESS("iova-stress");

  private final String title;

  TraceKind(String title) {
    this.title = title;
  }

  /** The name for a command line. */
  public String title() {
    return title;
  }

  /** Who causes the events: names of threads, a hyphen and their number. */
  List<String> threads() {
    return switch (this) {
      case NETWORK_RING -> List.of("ksoftirqd/2-23", "iperf3-4711");
      case NVME_QUEUE -> List.of("fio-1211", "kworker/3:1H-187");
      case VFIO_PIN -> List.of("qemu-system-x86-2048");
      case IOVA_STRESS -> List.of("iova_stress-977");
    };
  }

  Workload workload(RandomGenerator random) {
    return switch (this) {
      case NETWORK_RING -> new NetworkRing(random);
      case NVME_QUEUE -> new NvmeQueue(random);
      case VFIO_PIN -> new VfioPin(random);
      case IOVA_STRESS -> new IovaStress(random);
    };
  }

  /**
   * The kind of that name.
   *
   * @throws PageTableException with {@link Reason#UNKNOWN_NAME}
   */
  public static TraceKind of(String title) {
    return Arrays.stream(values())
        .filter(kind -> kind.title.equals(title))
        .findFirst()
        .orElseThrow(
            () ->
                PageTableException.because(Reason.UNKNOWN_NAME, "a kind of trace is one there is")
                    .with("kind", title)
                    .hint(
                        "there are "
                            + Arrays.stream(values())
                                .map(TraceKind::title)
                                .collect(Collectors.joining(", ")))
                    .build());
  }
}
