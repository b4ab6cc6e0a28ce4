package dev.memdesc.core.descriptor;

import dev.memdesc.api.descriptor.KernelSlot;
import dev.memdesc.api.descriptor.TableDescriptor;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers by experiment whether a use of a descriptor would fit the unions of the kernel's {@code
 * struct ptdesc}: two fields that are in use at once and whose {@link KernelSlot}s overlap would
 * overwrite each other there.
 */
public final class KernelSlots {
  private KernelSlots() {}

  /**
   * Two fields that the kernel could not keep at once.
   *
   * @param one the kernel's name of the first
   * @param other the kernel's name of the second
   */
  public record Conflict(String one, String other) {}

  /** The conflicts among the fields of {@code table} that are in use now. */
  public static List<Conflict> conflicts(TableDescriptor table) {
    List<KernelSlot> used = new ArrayList<>();
    for (Class<?> type = table.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        KernelSlot slot = field.getAnnotation(KernelSlot.class);
        if (slot != null && isUsed(field, table)) {
          used.add(slot);
        }
      }
    }
    List<Conflict> conflicts = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      for (int j = i + 1; j < used.size(); j++) {
        KernelSlot one = used.get(i);
        KernelSlot other = used.get(j);
        if (one.offset() < other.offset() + other.bytes()
            && other.offset() < one.offset() + one.bytes()) {
          conflicts.add(new Conflict(one.value(), other.value()));
        }
      }
    }
    return conflicts;
  }

  /** A field is in use when it has another value than a new object's. */
  private static boolean isUsed(Field field, TableDescriptor table) {
    try {
      field.setAccessible(true);
      Object value = field.get(table);
      return switch (value) {
        case null -> false;
        case Number number -> number.doubleValue() != 0;
        case Boolean flag -> flag;
        case Character letter -> letter != 0;
        default -> true;
      };
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("cannot read " + field, e);
    }
  }
}
