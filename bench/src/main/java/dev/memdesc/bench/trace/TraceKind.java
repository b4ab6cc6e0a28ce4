package dev.memdesc.bench.trace;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Whose events a trace has. */
public enum TraceKind {
  /** A network card's rings: a page is mapped and unmapped for each packet. */
  NETWORK_RING("network-ring", List.of("ksoftirqd/2-23", "iperf3-4711"), NetworkRing::new),
  /** A disk's queues: scatter lists of 4K to 512K, unmapped whole, in any order. */
  NVME_QUEUE("nvme-queue", List.of("fio-1211", "kworker/3:1H-187"), NvmeQueue::new),
  /** Machines whose whole memory is mapped for their device, most of it in pages of 2 MiB. */
  VFIO_PIN("vfio-pin", List.of("qemu-system-x86-2048"), VfioPin::new),
  /** A page mapped and unmapped in every 2 MiB. */
  IOVA_STRESS("iova-stress", List.of("iova_stress-977"), IovaStress::new);

  private final String title;
  private final List<String> threads;
  private final Function<RandomGenerator, Workload> workload;

  TraceKind(String title, List<String> threads, Function<RandomGenerator, Workload> workload) {
    this.title = title;
    this.threads = threads;
    this.workload = workload;
  }

  /** The name for a command line. */
  public String title() {
    return title;
  }

  /** Who causes the events: names of threads, a hyphen and their number. */
  List<String> threads() {
    return threads;
  }

  Workload workload(RandomGenerator random) {
    return workload.apply(random);
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
