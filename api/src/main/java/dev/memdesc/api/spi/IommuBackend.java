package dev.memdesc.api.spi;

/**
 * An IOMMU. As {@link ArchBackend}, found by {@link java.util.ServiceLoader}; annotate
 * implementations with {@code @AutoService}.
 */
public interface IommuBackend extends FormatBackend {
  /**
   * Takes a unit into use: reads its capability registers, builds its structures and queues in
   * memory, and switches translation on. From then on a device that is attached to no domain
   * reaches nothing.
   *
   * @throws dev.memdesc.api.PageTableException with {@link dev.memdesc.api.Reason#OUT_OF_MEMORY},
   *     or {@link dev.memdesc.api.Reason#TOOL} if the unit lacks what the backend needs or does not
   *     answer; nothing stays allocated, and translation is as it was
   */
  IommuUnit open(UnitParts parts);
}
