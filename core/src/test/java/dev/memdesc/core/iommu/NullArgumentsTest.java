package dev.memdesc.core.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.memdesc.api.Access;
import dev.memdesc.api.AddressRange;
import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.CutLeaf;
import dev.memdesc.api.Gather;
import dev.memdesc.api.Iommu;
import dev.memdesc.api.IommuDomain;
import dev.memdesc.api.MappingVisitor;
import dev.memdesc.api.PageSizes;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.SoftEntry;
import dev.memdesc.api.TableVisitor;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.memory.TableMemory;
import dev.memdesc.api.memory.TableOwner;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.api.rcu.RcuBatch;
import dev.memdesc.api.rcu.Reader;
import dev.memdesc.api.spi.UnitRegisters;
import dev.memdesc.core.Memdesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every method of the public face is called with null for each of its references in turn, and says
 * which one it was. Class files do not say how parameters are named, so that stands here; a method
 * that does not stand here fails.
 */
final class NullArgumentsTest {
  /**
   * By method and how many parameters it has: the references by name, "-" where null is allowed.
   */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("AddressSpace.map/5", "attributes gather"),
          Map.entry("AddressSpace.map/6", "attributes sizes gather"),
          Map.entry("AddressSpace.putSoft/4", "entry gather"),
          Map.entry("AddressSpace.unmap/3", "gather"),
          Map.entry("AddressSpace.unmap/4", "cut gather"),
          Map.entry("AddressSpace.protect/4", "attributes gather"),
          Map.entry("AddressSpace.readAndClearDirty/4", "visitor gather"),
          Map.entry("AddressSpace.translate/2", "reader"),
          Map.entry("AddressSpace.lookup/2", "reader"),
          Map.entry("AddressSpace.visit/3", "range visitor reader"),
          Map.entry("AddressSpace.visitTables/2", "visitor reader"),
          Map.entry("Iommu.newDomain/1", "name"),
          Map.entry("Iommu.newDomain/2", "name format"),
          Map.entry("Iommu.newNestedDomain/3", "name format second"),
          Map.entry("Iommu.pollFaults/1", "stray"),
          Map.entry("IommuDomain.onFault/1", "handler"),
          Map.entry("Memdesc.newAddressSpace/1", "name"),
          Map.entry("Memdesc.newAddressSpace/2", "name"),
          Map.entry("Memdesc.openIommu/2", "backendName registers"),
          Map.entry("Memdesc.openIommu/3", "backendName registers"),
          Map.entry("Builder.arch/1", "-"),
          Map.entry("Builder.plugins/1", "-"),
          Map.entry("Builder.registry/1", "backends"),
          Map.entry("Builder.allocator/1", "policy"),
          Map.entry("Builder.rcu/1", "policy"),
          Map.entry("Builder.iommuTimeout/1", "timeout"),
          Map.entry("Builder.memoryTimeout/1", "timeout"),
          Map.entry("Builder.sharedFile/1", "path"),
          Map.entry("Rcu.call/1", "head"),
          Map.entry("Rcu.reclaim/1", "limit"),
          Map.entry("Rcu.batch/1", "reclaim"),
          Map.entry("TableMemory.allocate/3", "owner"),
          Map.entry("TableMemory.free/1", "table"),
          Map.entry("TableMemory.freeAll/1", "-"),
          Map.entry("TableMemory.freeDeferred/1", "table"),
          Map.entry("TableMemory.freeAllDeferred/1", "-"),
          Map.entry("TableMemory.close/1", "owner"));

  private final UnitMachine machine =
      new UnitMachine(
          UnitFormats.granule("tiny/4k", 12),
          List.of(new AddressRange(0xFEE0_0000L, 0xFEEF_FFFFL)),
          UnitFormats.granule("fake-unit/4k", 12));
  private final Map<Class<?>, Object> samples = new HashMap<>();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void eachReferenceIsRefusedByItsName() throws Exception {
    Iommu iommu = machine.open();
    IommuDomain domain = iommu.newDomain("net");
    Memdesc memdesc = machine.memdesc;
    AddressSpace space = memdesc.newAddressSpace("cpu");
    Gather ofDomain = domain.gather();
    Gather ofSpace = space.gather();
    Reader reader = memdesc.newReader();
    RcuBatch batch = memdesc.rcu().batch(value -> {});
    samples.put(String.class, "fake-unit/4k");
    samples.put(Attributes.class, Attributes.ofBits(0).with(Access.READ));
    samples.put(PageSizes.class, PageSizes.ANY);
    samples.put(SoftEntry.class, new SoftEntry(SoftEntry.Kind.PROT_NONE, 1));
    samples.put(CutLeaf.class, CutLeaf.SPLIT);
    samples.put(AddressRange.class, new AddressRange(0, 0xFFF));
    samples.put(MappingVisitor.class, (MappingVisitor) (range, pa, sizeLg2, attributes) -> {});
    samples.put(TableVisitor.class, noTables());
    samples.put(Reader.class, reader);
    samples.put(IommuDomain.class, domain);
    samples.put(Consumer.class, (Consumer<Object>) told -> {});
    samples.put(UnitRegisters.class, machine.unit);
    samples.put(TableOwner.class, space);

    Set<String> met = new HashSet<>();
    samples.put(Gather.class, ofDomain);
    met.addAll(refuse(IommuDomain.class, domain));
    samples.put(Gather.class, ofSpace);
    met.addAll(refuse(AddressSpace.class, space));
    met.addAll(refuse(Iommu.class, iommu));
    met.addAll(refuse(Memdesc.class, memdesc));
    met.addAll(refuse(Memdesc.Builder.class, Memdesc.builder()));
    met.addAll(refuse(Rcu.class, memdesc.rcu()));
    met.addAll(refuse(TableMemory.class, memdesc.tableMemory()));
    assertThat(met).isEqualTo(NAMES.keySet());
    // These have no references to be refused.
    assertThat(refuse(Gather.class, ofSpace)).isEmpty();
    assertThat(refuse(Reader.class, reader)).isEmpty();
    assertThat(refuse(RcuBatch.class, batch)).isEmpty();
    assertThat(refuse(PageAllocator.class, memdesc.allocator())).isEmpty();
    batch.close();
    reader.close();
    ofDomain.close();
    ofSpace.close();
  }

  static TableVisitor noTables() {
    return (TableVisitor)
        java.lang.reflect.Proxy.newProxyInstance(
            TableVisitor.class.getClassLoader(),
            new Class<?>[] {TableVisitor.class},
            (proxy, method, args) -> null);
  }

  /** Calls every public method of a type; the keys of those that have references. */
  private List<String> refuse(Class<?> type, Object target) throws Exception {
    List<String> met = new ArrayList<>();
    for (Method method : type.getMethods()) {
      Class<?>[] types = method.getParameterTypes();
      boolean ours = method.getDeclaringClass().getName().startsWith("dev.memdesc");
      if (!ours || Modifier.isStatic(method.getModifiers()) || !hasReference(types)) {
        continue;
      }
      String key =
          "%s.%s/%d"
              .formatted(
                  method.getDeclaringClass().getSimpleName(), method.getName(), types.length);
      assertThat(NAMES).as("a new method").containsKey(key);
      met.add(key);
      String[] names = Objects.requireNonNull(NAMES.get(key)).split(" ", -1);
      int reference = 0;
      for (int i = 0; i < types.length; i++) {
        if (!types[i].isPrimitive()) {
          refuseOne(method, target, i, key, names[reference]);
          reference++;
        }
      }
      assertThat(reference).as(key).isEqualTo(names.length);
    }
    return met;
  }

  private void refuseOne(Method method, Object target, int at, String key, String name)
      throws Exception {
    Object[] args = new Object[method.getParameterCount()];
    for (int i = 0; i < args.length; i++) {
      Class<?> type = method.getParameterTypes()[i];
      if (type == int.class) {
        args[i] = 0;
      } else if (type == long.class) {
        args[i] = 0x1000L;
      } else if (i != at) {
        args[i] = samples.get(type);
        assertThat(args[i]).as("a sample of %s for %s", type, key).isNotNull();
      }
    }
    Throwable thrown =
        catchThrowable(
            () -> {
              try {
                method.invoke(target, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    if (name.equals("-")) {
      assertThat(thrown).as(key).isNull();
      return;
    }
    assertThat(thrown)
        .as("%s with null for %s", key, name)
        .isInstanceOfSatisfying(
            PageTableException.class,
            e -> assertThat(e.reason()).as(key).isEqualTo(Reason.NULL_ARGUMENT))
        .hasMessage("an argument must not be null: name=" + name);
  }

  private static boolean hasReference(Class<?>[] types) {
    for (Class<?> type : types) {
      if (!type.isPrimitive()) {
        return true;
      }
    }
    return false;
  }
}
