package dev.memdesc.cli.replay;

import dev.memdesc.cli.trace.TraceLine;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Says which domain an event belongs to. Some kernels print the domain's name in the event: then it
 * is that one. Other kernels do not: so either there is one domain, or an event belongs to the
 * device that its process attached last; if that process attached none, to the device that was
 * attached last at all. Devices of one group share a domain. Before the first attach, events belong
 * to the default domain.
 *
 * <p>Whatever a trace names is kept in bounds: domains, devices in groups, and of the processes
 * those that attached a device lately.
 */
final class DomainChooser {
  /** How many domains there are at most: as many as a small unit has numbers for. */
  static final int MOST_DOMAINS = 1024;

  /** How many devices may be in groups: as many as a PCI segment has. */
  static final int MOST_DEVICES = 1 << 16;

  /** How many processes that attached a device are remembered. */
  static final int MOST_PROCESSES = 1 << 12;

  /** In place of a domain: there are too many, the event belongs to none. */
  static final int NONE = -1;

  private static final int DEFAULT = 0;

  /** A domain as long as the device that its process attached stays attached. */
  private record Attachment(int domain, int detaches) {}

  private final boolean split;
  private final List<String> names = new CopyOnWriteArrayList<>(List.of("default"));
  private final Map<String, Integer> named = new HashMap<>();
  private final Map<String, Long> groups = new HashMap<>();
  private final Map<String, Integer> domains = new HashMap<>();
  private final Map<Long, Attachment> byProcess = new Recent();
  // How often each domain's device was detached.
  private final int[] detaches = new int[MOST_DOMAINS];
  private int last = DEFAULT;
  private long recentProcess = -1;
  private int recent;

  /** The processes that attached a device lately. */
  @SuppressWarnings("serial") // Nobody writes it.
  private static final class Recent extends LinkedHashMap<Long, Attachment> {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Attachment> eldest) {
      return size() > MOST_PROCESSES;
    }
  }

  /**
   * Nothing is attached.
   *
   * @param split whether events of devices decide; otherwise there is one domain for all events
   *     that name none
   */
  DomainChooser(boolean split) {
    this.split = split;
  }

  /** The domain of a map or unmap event, or {@link #NONE}. */
  int of(TraceLine line) {
    if (!line.domain().isEmpty()) {
      return named(line.domain());
    }
    if (!split) {
      return DEFAULT;
    }
    if (line.pid() != recentProcess) {
      recentProcess = line.pid();
      Attachment attachment = byProcess.get(recentProcess);
      if (attachment != null && attachment.detaches() == detaches[attachment.domain()]) {
        recent = attachment.domain();
      } else {
        recent = last;
      }
    }
    return recent;
  }

  private int named(String name) {
    Integer domain = named.get(name);
    if (domain == null) {
      domain = newDomain(name);
      if (domain != NONE) {
        named.put(name, domain);
      }
    }
    return domain;
  }

  private int newDomain(String name) {
    if (names.size() == MOST_DOMAINS) {
      return NONE;
    }
    names.add(name);
    return names.size() - 1;
  }

  /** Whether the kernel named a domain. */
  boolean hasNames() {
    return !named.isEmpty();
  }

  /**
   * Takes note of an event of a device.
   *
   * @return what is wrong if there is no room for the device; else null
   */
  @Nullable Finding note(TraceLine line) {
    if (!split) {
      return null;
    }
    recentProcess = -1;
    String device = line.device();
    switch (line.kind()) {
      case ADD_TO_GROUP -> {
        if (groups.size() == MOST_DEVICES && !groups.containsKey(device)) {
          return Finding.TOO_MANY_DEVICES;
        }
        groups.put(device, line.group());
      }
      case REMOVE_FROM_GROUP -> groups.remove(device);
      case ATTACH -> {
        return attach(key(device), line.pid()) ? null : Finding.TOO_MANY_DOMAINS;
      }
      case DETACH -> detach(key(device));
      default -> {}
    }
    return null;
  }

  private String key(String device) {
    Long group = groups.get(device);
    return group == null ? device : "group " + group;
  }

  private boolean attach(String key, long pid) {
    Integer domain = domains.get(key);
    if (domain == null) {
      domain = newDomain(key);
      if (domain == NONE) {
        return false;
      }
      domains.put(key, domain);
    }
    byProcess.remove(pid);
    byProcess.put(pid, new Attachment(domain, detaches[domain]));
    last = domain;
    return true;
  }

  private void detach(String key) {
    Integer domain = domains.get(key);
    if (domain != null) {
      detaches[domain]++;
      last = last == domain ? DEFAULT : last;
    }
  }

  /** The names of the domains, by number. Other threads may read it meanwhile. */
  List<String> names() {
    return names;
  }
}
