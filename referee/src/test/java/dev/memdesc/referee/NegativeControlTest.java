package dev.memdesc.referee;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memdesc.api.format.LevelLayout;
import dev.memdesc.api.format.TableFormat;
import dev.memdesc.core.BackendRegistry;
import dev.memdesc.core.Selection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The referee can see: no bit that it should see can be flipped unnoticed. */
final class NegativeControlTest {
  /** Of formats whose items are the same, the first. */
  static List<String> formats() {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      Set<List<Object>> seen = new HashSet<>();
      return registry.backends().stream()
          .flatMap(backend -> backend.variants().stream())
          .filter(format -> seen.add(items(format)))
          .map(TableFormat::name)
          .toList();
    }
  }

  private static List<Object> items(TableFormat format) {
    List<Object> items = new ArrayList<>(List.of(format.order(), format.va(), format.codec()));
    for (LevelLayout level : format.levels()) {
      items.addAll(List.of(level.isTable(), level.tablePa(), level.leaves(), level.mirror()));
    }
    return items;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void everyObservableBitIsNoticed(String name) {
    QemuNeeded.check();
    long seed = Long.getLong("memdesc.seed", 1);
    Map<String, Boolean> noticed =
        NegativeControl.run(() -> BackendRegistry.discover(null), name, seed);
    System.out.println(name + ": " + noticed.size() + " bits flipped, seed " + seed);
    assertThat(noticed.isEmpty()).isEqualTo(hasObstacle(name));
    assertThat(noticed.keySet().stream().filter(what -> !noticed.getOrDefault(what, false)))
        .isEmpty();
  }

  private static boolean hasObstacle(String name) {
    try (BackendRegistry registry = BackendRegistry.discover(null)) {
      Selection selection = registry.select(name);
      Guest guest = Guests.of(registry, selection.backend());
      return guest == null || !guest.obstacle(selection.format()).isEmpty();
    }
  }
}
