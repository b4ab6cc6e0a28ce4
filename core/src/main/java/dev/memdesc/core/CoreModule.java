package dev.memdesc.core;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.multibindings.OptionalBinder;
import dev.memdesc.api.spi.ArchBackend;
import dev.memdesc.api.spi.IommuBackend;
import dev.memdesc.core.fragment.FragmentTableMemory;
import dev.memdesc.core.memory.BuddyPageAllocator;
import dev.memdesc.core.memory.PageAllocatorPolicy;
import dev.memdesc.core.memory.TableMemoryPolicy;
import dev.memdesc.core.rcu.RcuFlavour;
import dev.memdesc.core.rcu.RcuPolicy;

/**
 * How core is put together: the backends by name, the one that was chosen, and what a plugin may
 * replace. Everything is bound to instances, so Guice generates no code and an embedder needs no
 * JVM flag. Engines and descriptors are never injected.
 */
final class CoreModule extends AbstractModule {
  private final BackendRegistry registry;
  private final Selection selection;

  CoreModule(BackendRegistry registry, Selection selection) {
    this.registry = registry;
    this.selection = selection;
  }

  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    binder().requireAtInjectOnConstructors();
    binder().requireExactBindingAnnotations();
    binder().disableCircularProxies();
    bind(Selection.class).toInstance(selection);
    MapBinder<String, ArchBackend> backends =
        MapBinder.newMapBinder(binder(), String.class, ArchBackend.class);
    for (ArchBackend backend : registry.backends()) {
      backends.addBinding(backend.name()).toInstance(backend);
    }
    MapBinder<String, IommuBackend> iommus =
        MapBinder.newMapBinder(binder(), String.class, IommuBackend.class);
    for (IommuBackend backend : registry.iommus()) {
      iommus.addBinding(backend.name()).toInstance(backend);
    }
    OptionalBinder.newOptionalBinder(binder(), PageAllocatorPolicy.class)
        .setDefault()
        .toInstance(BuddyPageAllocator::new);
    OptionalBinder.newOptionalBinder(binder(), TableMemoryPolicy.class)
        .setDefault()
        .toInstance(FragmentTableMemory::new);
    OptionalBinder.newOptionalBinder(binder(), RcuPolicy.class)
        .setDefault()
        .toInstance(() -> RcuFlavour.preferred().open());
  }
}
