package dev.memdesc.cli.trace;

/**
 * What one line of a trace says. One object is filled again and again; a field has a meaning only
 * for the kinds that name it.
 */
public final class TraceLine {
  /** What a line is. */
  public enum Kind {
    /** {@code iommu:map}: {@link #iova}, {@link #pa}, {@link #size}. */
    MAP,
    /** {@code iommu:unmap}: {@link #iova}, {@link #size}, {@link #unmapped}. */
    UNMAP,
    /** Qualcomm's {@code iommu:map_sg}, of a scatter list: {@link #iova}, {@link #size}. */
    MAP_SG,
    /** {@code iommu:attach_device_to_domain}: {@link #device}. */
    ATTACH,
    /** {@code iommu:detach_device_from_domain}, of older kernels: {@link #device}. */
    DETACH,
    /** {@code iommu:add_device_to_group}: {@link #device}, {@link #group}. */
    ADD_TO_GROUP,
    /** {@code iommu:remove_device_from_group}: {@link #device}, {@link #group}. */
    REMOVE_FROM_GROUP,
    /** {@code iommu:io_page_fault}: {@link #device}, {@link #iova}. */
    FAULT,
    /** The tracer says that it lost events: {@link #lost}. */
    LOST,
    /** An event of the iommu subsystem that says nothing of mappings: {@link #name}. */
    UNKNOWN_EVENT,
    /** An event of another subsystem. */
    OTHER_EVENT,
    /** A comment, an empty line, a line of a call chain, another message of a console. */
    SKIPPED,
    /** Not what a trace has: {@link #why}. */
    BAD;

    /** Whether the line is an event that a replay goes by. */
    public boolean isIommu() {
      return ordinal() <= FAULT.ordinal();
    }
  }

  /** What an event's time is. */
  public enum Clock {
    /** Seconds since the trace's own zero, or since the machine was started. */
    SECONDS,
    /** A number without a unit: the tracer's clocks counter, x86-tsc, uptime. */
    COUNTER,
    /** There is none, or it is a date. */
    NONE
  }

  Kind kind = Kind.SKIPPED;
  Clock clock = Clock.NONE;
  long nanos;
  long pid;
  long iova;
  long pa;
  long size;
  long unmapped;
  long group;
  long lost;
  String device = "";
  String domain = "";
  String name = "";
  String why = "";

  /** A line that says nothing yet. */
  public TraceLine() {}

  /** What the line is. */
  public Kind kind() {
    return kind;
  }

  /** What the event's time is. */
  public Clock clock() {
    return clock;
  }

  /** Of an event whose clock has seconds: its time in nanoseconds. */
  public long nanos() {
    return nanos;
  }

  /** Of an event: the thread that it happened in; 0 if it is not said. */
  public long pid() {
    return pid;
  }

  /** The first address that is mapped or unmapped, or that a device asked for in vain. */
  public long iova() {
    return iova;
  }

  /** The pa that the first address is mapped to. */
  public long pa() {
    return pa;
  }

  /** Bytes that were mapped, or that were asked to be unmapped; not negative, may be 0. */
  public long size() {
    return size;
  }

  /** Bytes that were unmapped. */
  public long unmapped() {
    return unmapped;
  }

  /** The number of a group of devices. */
  public long group() {
    return group;
  }

  /** How many events were lost; at least 1. */
  public long lost() {
    return lost;
  }

  /** The name of a device, as the kernel has it. */
  public String device() {
    return device;
  }

  /** Of a map or unmap: the domain's name as the kernel prints it; empty if it does not. */
  public String domain() {
    return domain;
  }

  /** Of an event of unknown name: that name. */
  public String name() {
    return name;
  }

  /** What is wrong with the line. */
  public String why() {
    return why;
  }

  void bad(String reason) {
    kind = Kind.BAD;
    why = reason;
  }
}
