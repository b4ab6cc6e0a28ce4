package dev.memdesc.core.engine;

import dev.memdesc.api.descriptor.TableDescriptor;
import dev.memdesc.core.space.EngineContext;
import dev.memdesc.core.space.TableEngine;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * Defines the un-stamped engine with a planted fault: where it locks a table it only reads the
 * table's word. Everything else is the engine as it is.
 */
public final class UnlockedEngineLoader extends ClassLoader {
  private static final String PACKAGE = "dev.memdesc.core.engine.";
  private static final ClassDesc DESCRIPTOR =
      ClassDesc.of("dev.memdesc.api.descriptor.TableDescriptor");
  private static final ClassDesc HERE = ClassDesc.of(UnlockedEngineLoader.class.getName());

  /** A loader whose engine has the fault. */
  public UnlockedEngineLoader() {
    super("unlocked", UnlockedEngineLoader.class.getClassLoader());
  }

  /** What the faulty engine calls instead of {@link TableDescriptor#lockHooked}. */
  public static long peek(TableDescriptor table) {
    return ((long) table.state().ordinal() << 60) | table.count();
  }

  TableEngine newEngine(EngineContext context) {
    try {
      return (TableEngine)
          loadClass(PACKAGE + "Engine").getConstructor(EngineContext.class).newInstance(context);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PACKAGE) || name.endsWith("UnlockedEngineLoader")) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      byte[] faulty = name.endsWith(".Tree") ? withoutLock(bytes) : bytes;
      return defineClass(name, faulty, 0, faulty.length, TableEngine.class.getProtectionDomain());
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static byte[] withoutLock(byte[] original) {
    boolean[] planted = new boolean[1];
    CodeTransform code =
        (builder, element) -> {
          if (element instanceof InvokeInstruction call
              && call.owner().asSymbol().equals(DESCRIPTOR)
              && call.name().equalsString("lockHooked")) {
            planted[0] = true;
            builder.invokestatic(
                HERE,
                "peek",
                MethodTypeDesc.ofDescriptor(
                    "(L" + "dev/memdesc/api/descriptor/TableDescriptor;)J"));
          } else {
            builder.with(element);
          }
        };
    ClassFile classFile = ClassFile.of();
    byte[] faulty =
        classFile.transformClass(
            classFile.parse(original), ClassTransform.transformingMethodBodies(code));
    if (!planted[0]) {
      throw new LinkageError("the engine locks tables elsewhere now: the fault is not planted");
    }
    return faulty;
  }
}
