package dev.memdesc.iommu.smmu;

import dev.memdesc.api.IommuFault;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.spi.UnitDomain;
import dev.memdesc.api.spi.UnitParts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which device uses what, and the entries that say so. An entry of the stream table changes as IHI
 * 0070 section 3.21.3 "Configuration structure update procedure" has it: while it refuses requests
 * its other words are written and forgotten by the unit's caches, then the word that makes it
 * translate is stored whole.
 *
 * <p>Safe for any number of threads, which take turns.
 */
final class Streams {
  private static final int NO_SUBSTREAM = 0;
  private static final int WORD = 8;

  /** An attached device: its stage 2, if any, and its context descriptors, if it has a stage 1. */
  private static final class Device {
    final @Nullable StageTwoDomain second;
    @Nullable ContextTable contexts;
    // By SubstreamID, 0 for requests without; stage 2 alone is at 0.
    final Map<Integer, UnitDomain> domains = new HashMap<>();

    Device(@Nullable StageTwoDomain second) {
      this.second = second;
    }
  }

  private final UnitParts parts;
  private final Features features;
  private final StreamTable table;
  private final CommandStream commands;
  private final Words words;
  private final Map<Integer, Device> devices = new HashMap<>();
  // What the unit may still use because it did not answer.
  private final List<ContextTable> abandoned = new ArrayList<>();

  Streams(UnitParts parts, Features features, StreamTable table, CommandStream commands) {
    this.parts = parts;
    this.features = features;
    this.table = table;
    this.commands = commands;
    this.words = new Words(parts.memory());
  }

  /** Memory as the unit sees it. */
  Words words() {
    return words;
  }

  /** Attaches a stage 2 alone. */
  synchronized void attach(StageTwoDomain domain, int sid, int pasid) {
    table.check(sid);
    if (pasid != UnitDomain.NO_PASID) {
      throw noSuchPasid(sid, pasid);
    }
    if (devices.containsKey(sid)) {
      throw attached(sid, pasid);
    }
    Device device = new Device(domain);
    device.domains.put(NO_SUBSTREAM, domain);
    translate(sid, device, domain.entry());
    devices.put(sid, device);
  }

  /** Attaches a stage 1, alone or in a stage 2. */
  synchronized void attach(StageOneDomain domain, int sid, int pasid) {
    table.check(sid);
    int ssid = ssid(sid, pasid);
    Device old = devices.get(sid);
    if (old != null
        && (old.domains.containsKey(ssid)
            || old.contexts == null
            || !Objects.equals(old.second, domain.second()))) {
      throw attached(sid, pasid);
    }
    if (old == null) {
      attachFirst(domain, sid, ssid);
    } else {
      attachMore(domain, sid, ssid, old);
    }
  }

  private void attachFirst(StageOneDomain domain, int sid, int ssid) {
    Device device = new Device(domain.second());
    ContextTable contexts = newContexts(ssid == NO_SUBSTREAM ? 0 : features.ssidBits());
    device.contexts = contexts;
    device.domains.put(ssid, domain);
    boolean done = false;
    try {
      domain.requireReachable(contexts.pointer().pa());
      domain.requireReachable(contexts.entry(ssid));
      contexts.prepare(ssid, domain.descriptor());
      contexts.validate(ssid, domain.descriptor());
      table.entry(sid);
      done = true;
    } finally {
      if (!done) {
        contexts.free();
      }
    }
    translate(sid, device, entry(device, contexts));
    devices.put(sid, device);
  }

  private void attachMore(StageOneDomain domain, int sid, int ssid, Device device) {
    ContextTable contexts = device.contexts;
    if (contexts == null) {
      throw new IllegalStateException("a device with a stage 1 has context descriptors");
    }
    if (ssid != NO_SUBSTREAM && contexts.pointer().maxLg2() == 0) {
      contexts = grow(domain, sid, ssid, device, contexts);
    }
    domain.requireReachable(contexts.entry(ssid));
    contexts.prepare(ssid, domain.descriptor());
    boolean done = false;
    try {
      forgetContext(sid, ssid);
      contexts.validate(ssid, domain.descriptor());
      forgetContext(sid, ssid);
      done = true;
    } finally {
      if (!done) {
        contexts.invalidate(ssid);
        commands.unsettle();
      }
    }
    device.domains.put(ssid, domain);
  }

  /** From one context descriptor to a table; requests without SubstreamID notice nothing. */
  private ContextTable grow(
      StageOneDomain added, int sid, int ssid, Device device, ContextTable one) {
    ContextTable larger = newContexts(features.ssidBits());
    boolean ready = false;
    try {
      added.requireReachable(larger.pointer().pa());
      added.requireReachable(larger.entry(ssid));
      if (device.domains.get(NO_SUBSTREAM) instanceof StageOneDomain domain) {
        domain.requireReachable(larger.entry(NO_SUBSTREAM));
        larger.prepare(NO_SUBSTREAM, domain.descriptor());
        larger.validate(NO_SUBSTREAM, domain.descriptor());
      }
      ready = true;
    } finally {
      if (!ready) {
        larger.free();
      }
    }
    words.store(table.entry(sid), entry(device, larger).dw0());
    device.contexts = larger;
    boolean done = false;
    try {
      forgetStream(sid);
      done = true;
    } finally {
      if (done) {
        one.free();
      } else {
        abandoned.add(one);
        commands.unsettle();
      }
    }
    return larger;
  }

  private ContextTable newContexts(int ssidBits) {
    return new ContextTable(parts, ssidBits, features.twoLevelContexts());
  }

  private static StreamTableEntry entry(Device device, ContextTable contexts) {
    return device.second == null
        ? StreamTableEntry.stageOne(contexts.pointer())
        : StreamTableEntry.nested(contexts.pointer(), device.second.entry());
  }

  private void translate(int sid, Device device, StreamTableEntry entry) {
    long pa = table.entry(sid);
    boolean done = false;
    try {
      words.store(pa + WORD, entry.dw1());
      words.store(pa + 2 * WORD, entry.dw2());
      words.store(pa + 3 * WORD, entry.dw3());
      forgetStream(sid);
      words.store(pa, entry.dw0());
      forgetStream(sid);
      done = true;
    } finally {
      if (!done) {
        refuse(pa, device);
      }
    }
  }

  /** The unit does not answer: it is told as far as memory tells it, and memory stays its own. */
  private void refuse(long entryPa, Device device) {
    words.store(entryPa, StreamTableEntry.REFUSE);
    commands.unsettle();
    if (device.contexts != null) {
      abandoned.add(device.contexts);
    }
  }

  /** Ends an attachment. */
  synchronized void detach(UnitDomain domain, int sid, int pasid) {
    Device device = devices.get(sid);
    int ssid = pasid == UnitDomain.NO_PASID ? NO_SUBSTREAM : pasid;
    if (device == null || !domain.equals(device.domains.get(ssid)) || pasid == NO_SUBSTREAM) {
      throw PageTableException.because(Reason.NOT_MAPPED, "a device is attached to the domain")
          .with("device", "0x" + Integer.toHexString(sid))
          .with("pasid", pasid)
          .build();
    }
    ContextTable contexts = device.contexts;
    if (contexts != null && device.domains.size() > 1) {
      contexts.invalidate(ssid);
      forgetContext(sid, ssid);
    } else {
      words.store(table.entry(sid), StreamTableEntry.REFUSE);
      forgetStream(sid);
      devices.remove(sid);
      if (contexts != null) {
        contexts.free();
      }
    }
    device.domains.remove(ssid);
  }

  /** Ends all attachments of a domain. */
  synchronized void detachAll(UnitDomain domain) {
    for (Map.Entry<Integer, Device> device : List.copyOf(devices.entrySet())) {
      for (int ssid : List.copyOf(device.getValue().domains.keySet())) {
        if (domain.equals(device.getValue().domains.get(ssid))) {
          detach(domain, device.getKey(), ssid == NO_SUBSTREAM ? UnitDomain.NO_PASID : ssid);
        }
      }
    }
  }

  private void forgetStream(int sid) {
    commands.put(Command.cfgiSte(sid, false));
    commands.sync();
  }

  private void forgetContext(int sid, int ssid) {
    commands.put(Command.cfgiCd(sid, ssid, false));
    commands.sync();
  }

  /** The index of a request's context descriptor. */
  private int ssid(int sid, int pasid) {
    if (pasid == UnitDomain.NO_PASID) {
      return NO_SUBSTREAM;
    }
    if (pasid <= NO_SUBSTREAM || pasid >>> features.ssidBits() != 0) {
      throw noSuchPasid(sid, pasid);
    }
    return pasid;
  }

  private PageTableException noSuchPasid(int sid, int pasid) {
    return PageTableException.because(
            Reason.VA_OUTSIDE_FORMAT,
            "a SubstreamID is not 0, has as many bits as the unit has, and belongs to a stage 1")
        .with("device", "0x" + Integer.toHexString(sid))
        .with("pasid", pasid)
        .with("bits", features.ssidBits())
        .build();
  }

  private static PageTableException attached(int sid, int pasid) {
    return PageTableException.because(Reason.ALREADY_MAPPED, "a device is attached once")
        .with("device", "0x" + Integer.toHexString(sid))
        .with("pasid", pasid)
        .build();
  }

  /**
   * What a fault is in this unit's terms: structures that are not valid because nobody attached the
   * device are not malformed.
   */
  synchronized IommuFault known(IommuFault fault) {
    Device device = devices.get(fault.device());
    boolean attached =
        device != null && device.domains.containsKey(Math.max(fault.pasid(), NO_SUBSTREAM));
    return attached || fault.kind() != IommuFault.Kind.BAD_STRUCTURE
        ? fault
        : new IommuFault(
            fault.device(),
            fault.pasid(),
            fault.iova(),
            fault.write(),
            IommuFault.Kind.NO_DOMAIN,
            fault.code(),
            fault.manualName());
  }

  /** Refuses while any device is attached. */
  synchronized void requireNone() {
    if (!devices.isEmpty()) {
      throw PageTableException.because(
              Reason.ILLEGAL_STATE, "a unit is closed when no device is attached")
          .with("devices", devices.keySet())
          .build();
    }
  }

  /** Gives back what was kept for a unit that did not answer; it is switched off now. */
  synchronized void free() {
    abandoned.forEach(ContextTable::free);
    abandoned.clear();
  }
}
