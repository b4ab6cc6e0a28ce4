package dev.memdesc.core.image;

import dev.memdesc.api.MappingVisitor;

/** Is shown what saved tables map, and what is wrong with them. */
public interface ImageVisitor extends MappingVisitor {
  /** Something is wrong; the walk goes on beside it. */
  void finding(Finding finding);
}
