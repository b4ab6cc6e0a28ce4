package dev.memdesc.referee.iommu;

import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Services;
import dev.memdesc.referee.Mismatch;
import dev.memdesc.referee.Qemu;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Referees an IOMMU: random domains, and devices whose DMA goes through QEMU's unit. */
public final class IommuReferee {
  private static final int SHOWN = 5;
  private static final int DEVICES = 8;
  private static final double NANOS = 1e9;

  private final Supplier<BackendRegistry> backends;
  private final long dmas;
  private final long seed;

  /**
   * A referee.
   *
   * @param backends finds the backends again for each machine
   * @param dmas at least how many transfers and messages through each format of each machine
   * @param seed of everything that is chosen
   */
  public IommuReferee(Supplier<BackendRegistry> backends, long dmas, long seed) {
    this.backends = backends;
    this.dmas = dmas;
    this.seed = seed;
  }

  /**
   * Referees every format of a backend: a verdict for each format of each machine, and one for each
   * format that no machine walks.
   *
   * @param progress gets how many DMAs were done
   * @throws PageTableException with {@link Reason#TOOL} if QEMU is missing or ends, {@link
   *     Reason#UNKNOWN_NAME}
   */
  public List<IommuVerdict> referee(String name, LongConsumer progress) {
    List<String> names;
    UnitGuest guest;
    try (BackendRegistry registry = backends.get()) {
      IommuBackend backend = registry.iommu(name);
      names = backend.variants().stream().map(TableFormat::name).toList();
      guest = guestOf(registry, backend);
    }
    Map<String, String> missing = new LinkedHashMap<>();
    names.forEach(one -> missing.put(one, "QEMU walks it nowhere"));
    List<IommuVerdict> verdicts = new ArrayList<>();
    for (UnitSetting setting : guest.settings()) {
      Optional<Qemu> qemu = setting.qemu();
      if (qemu.isPresent()) {
        verdicts.addAll(referee(guest, setting, qemu.get(), progress));
        setting.formats().forEach(missing::remove);
      } else {
        setting
            .formats()
            .forEach(one -> missing.computeIfPresent(one, (key, why) -> "no " + setting.title()));
      }
    }
    missing.forEach((format, why) -> verdicts.add(IommuVerdict.none(format, why)));
    return List.copyOf(verdicts);
  }

  private static UnitGuest guestOf(BackendRegistry registry, IommuBackend backend) {
    Services<UnitGuest> guests = registry.services(UnitGuest.class);
    return guests.found().stream()
        .filter(one -> backend.name().equals(one.backend()))
        .findAny()
        .orElseThrow(
            () ->
                guests.failures().isEmpty()
                    ? PageTableException.because(
                            Reason.UNKNOWN_NAME, "an IOMMU must have a guest that asks it")
                        .with("name", backend.name())
                        .hint(
                            "implement "
                                + UnitGuest.class.getName()
                                + ", with the machines that have the unit, and name the class in"
                                + " META-INF/services of the backend's jar")
                        .build()
                    // It may be the one that is looked for.
                    : guests.failures().getFirst());
  }

  private List<IommuVerdict> referee(
      UnitGuest guest, UnitSetting setting, Qemu qemu, LongConsumer progress) {
    SplittableRandom random = new SplittableRandom(seed ^ setting.title().hashCode());
    long begin = System.nanoTime();
    try (UnitRing ring =
            new UnitRing(
                backends.get(),
                guest.backend(),
                setting,
                qemu,
                DEVICES,
                random.nextLong(),
                (ram, registers) -> registers);
        DmaBout bout = new DmaBout(ring, setting, random)) {
      while (!bout.score().enough(dmas)) {
        progress.accept(bout.round());
      }
      bout.finish();
      double seconds = (System.nanoTime() - begin) / NANOS / setting.formats().size();
      return setting.formats().stream()
          .map(
              format -> {
                Score.Tally tally = bout.score().tally(format);
                List<Mismatch> shown =
                    tally.mismatches.stream().limit(SHOWN).map(Mismatch::new).toList();
                return new IommuVerdict(
                    format,
                    setting.title(),
                    qemu.version(),
                    tally.dmas,
                    tally.faults,
                    tally.mismatches.size(),
                    shown,
                    seconds,
                    guest.unseen());
              })
          .toList();
    }
  }
}
