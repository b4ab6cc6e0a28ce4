package dev.memdesc.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules. They hold for main sources; the build files cannot say them all. */
@AnalyzeClasses(packages = "dev.memdesc", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule API_DEPENDS_ON_NOTHING =
      classes()
          .that()
          .resideInAPackage("dev.memdesc.api..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "org.jspecify..", "dev.memdesc.api..");

  @ArchTest
  static final ArchRule BACKENDS_DEPEND_ON_API_ONLY =
      classes()
          .that()
          .resideInAPackage("dev.memdesc.arch..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "com.google.auto.service..",
              "dev.memdesc.api..",
              "dev.memdesc.arch..");

  /** An SMMUv3 walks arm64's descriptors. */
  @ArchTest
  static final ArchRule THE_SMMU_DEPENDS_ON_API_AND_ARM64 =
      classes()
          .that()
          .resideInAPackage("dev.memdesc.iommu.smmu..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "com.google.auto.service..",
              "dev.memdesc.api..",
              "dev.memdesc.arch.arm64..",
              "dev.memdesc.iommu.smmu..");

  /** VT-d walks a processor's tables in its first stage. */
  @ArchTest
  static final ArchRule VTD_DEPENDS_ON_API_AND_X86 =
      classes()
          .that()
          .resideInAPackage("dev.memdesc.iommu.intel..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "org.jspecify..",
              "com.google.auto.service..",
              "dev.memdesc.api..",
              "dev.memdesc.arch.x86..",
              "dev.memdesc.iommu.intel..");

  @ArchTest
  static final ArchRule BACKENDS_DO_NOT_SEE_EACH_OTHER =
      slices().matching("dev.memdesc.arch.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule CORE_SEES_NO_BACKEND_AND_NO_TOOL =
      noClasses()
          .that()
          .resideInAPackage("dev.memdesc.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.memdesc.arch..",
              "dev.memdesc.iommu..",
              "dev.memdesc.cli..",
              "dev.memdesc.tck..",
              "dev.memdesc.bench..",
              "dev.memdesc.referee..");

  @ArchTest
  static final ArchRule THE_REFEREE_SEES_API_AND_CORE =
      noClasses()
          .that()
          .resideInAPackage("dev.memdesc.referee..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.memdesc.arch..",
              "dev.memdesc.iommu..",
              "dev.memdesc.cli..",
              "dev.memdesc.tck..",
              "dev.memdesc.bench..");

  @ArchTest
  static final ArchRule GUESTS_DO_NOT_SEE_EACH_OTHER =
      slices()
          .matching("dev.memdesc.referee.(*)..")
          .should()
          .notDependOnEachOther()
          // What drives machines from outside is for all who do.
          .ignoreDependency(alwaysTrue(), resideInAPackage("dev.memdesc.referee.qtest.."))
          // So is what an IOMMU's guest is one of.
          .ignoreDependency(alwaysTrue(), resideInAPackage("dev.memdesc.referee.iommu.."));

  @ArchTest
  static final ArchRule CORE_KEEPS_ITS_INSIDES =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.memdesc.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.memdesc..internal..", "dev.memdesc.core.engine..");

  @ArchTest
  static final ArchRule THE_TOOL_SEES_BACKENDS_AT_RUN_TIME_ONLY =
      noClasses()
          .that()
          .resideInAPackage("dev.memdesc.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.memdesc.arch..", "dev.memdesc.iommu..");

  @ArchTest
  static final ArchRule NOTHING_SEES_THE_TOOL =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.memdesc.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.memdesc.cli..");

  @ArchTest
  static final ArchRule ONLY_THE_TOOL_PRINTS =
      noClasses()
          .that()
          // The conformance kit runs in tests, which print their seeds.
          .resideOutsideOfPackages("dev.memdesc.cli..", "dev.memdesc.tck..")
          .should(ACCESS_STANDARD_STREAMS);
}
