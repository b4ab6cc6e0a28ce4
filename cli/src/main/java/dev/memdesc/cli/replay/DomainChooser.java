package dev.memdesc.cli.replay;

import dev.memdesc.cli.trace.TraceLine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Says which domain an event belongs to. The kernel's map and unmap events do not: so either there
 * is one domain, or an event belongs to the device that its process attached last; if that process
 * attached none, to the device that was attached last at all. Devices of one group share a domain.
 * Before the first attach, events belong to the default domain.
 */
final class DomainChooser {
  /** How many domains there are at most: as many as a small unit has numbers for. */
  static final int MOST_DOMAINS = 1024;

  private static final int DEFAULT = 0;

  private final boolean split;
  private final List<String> names = new CopyOnWriteArrayList<>(List.of("default"));
  private final Map<String, String> groups = new HashMap<>();
  private final Map<String, Integer> domains = new HashMap<>();
  private final Map<Long, Integer> byProcess = new HashMap<>();
  private int last = DEFAULT;
  private long recentProcess = -1;
  private int recent;

  /**
   * Nothing is attached.
   *
   * @param split whether events of devices decide; otherwise there is one domain
   */
  DomainChooser(boolean split) {
    this.split = split;
  }

  /** The domain of a map or unmap event. */
  int of(TraceLine line) {
    if (!split) {
      return DEFAULT;
    }
    if (line.pid() != recentProcess) {
      recentProcess = line.pid();
      recent = byProcess.getOrDefault(recentProcess, last);
    }
    return recent;
  }

  /**
   * Takes note of an event of a device.
   *
   * @return false if the device needs a domain and there are too many
   */
  boolean note(TraceLine line) {
    recentProcess = -1;
    String device = line.device();
    switch (line.kind()) {
      case ADD_TO_GROUP -> groups.put(device, "group " + line.group());
      case REMOVE_FROM_GROUP -> groups.remove(device);
      case ATTACH -> {
        return !split || attach(groups.getOrDefault(device, device), line.pid());
      }
      case DETACH -> detach(groups.getOrDefault(device, device));
      default -> {}
    }
    return true;
  }

  private boolean attach(String key, long pid) {
    Integer domain = domains.get(key);
    if (domain == null) {
      if (names.size() == MOST_DOMAINS) {
        return false;
      }
      domain = names.size();
      names.add(key);
      domains.put(key, domain);
    }
    byProcess.put(pid, domain);
    last = domain;
    return true;
  }

  private void detach(String key) {
    Integer domain = domains.get(key);
    if (domain != null) {
      byProcess.values().removeIf(domain::equals);
      last = last == domain ? DEFAULT : last;
    }
  }

  /** The names of the domains, by number. Other threads may read it meanwhile. */
  List<String> names() {
    return names;
  }
}
