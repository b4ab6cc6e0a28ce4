package dev.memdesc.cli;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Walks parsed JSON. */
final class JsonTree {
  private JsonTree() {}

  /** The object under a key. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Map<String, Object> tree, String key) {
    return (Map<String, Object>) Objects.requireNonNull(tree.get(key), key);
  }

  /** The array of objects under a key. */
  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> objects(Map<String, Object> tree, String key) {
    return (List<Map<String, Object>>) Objects.requireNonNull(tree.get(key), key);
  }
}
