/*
 * The rival of the engine: what a C programmer writes for one format, four-level x86-64 tables, in the
 * same physical memory. It does the same job: refuses to map what is mapped, keeps a count of entries
 * for each table, takes tables from a pool of zeroed ones, drops whole tables exactly when the engine
 * does and clears entry by entry otherwise. Single-page functions are not inlined: a kernel calls them
 * from elsewhere.
 *
 * Compiled three times: with -DTWIN_VOLATILE at -O2, where each access to an entry happens as written,
 * as with READ_ONCE and WRITE_ONCE; the same with -DTWIN_LOCK, where leaf tables have the engine's lock,
 * one compare-and-set that locks and one release store that unlocks and publishes the count; and with
 * plain accesses at -O3 -march=native, where the compiler may vectorise.
 *
 * The loops at the end are what the benchmark calls, so that one call from Java runs many operations.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ULL << PAGE_SHIFT)
#define INDEX_BITS 9
#define ITEMS (1 << INDEX_BITS)
#define ROOT_LEVEL 3

#define PRESENT 1ULL
#define LARGE (1ULL << 7)
#define PA_MASK 0x000FFFFFFFFFF000ULL
#define NOT_MAPPED UINT64_MAX

#define NOINLINE static __attribute__((noinline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#ifdef TWIN_VOLATILE
typedef volatile uint64_t item_t;
#else
typedef uint64_t item_t;
#endif

#ifdef TWIN_LOCK
typedef uint32_t used_t;
#define LOCKED (1U << 31)

/* Locks a table; returns how many entries it has. */
static inline used_t lock(used_t *used) {
  used_t old = __atomic_load_n(used, __ATOMIC_RELAXED) & ~LOCKED;
  while (UNLIKELY(!__atomic_compare_exchange_n(
      used, &old, old | LOCKED, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
    old &= ~LOCKED;
  }
  return old;
}

static inline void unlock(used_t *used, used_t count) {
  __atomic_store_n(used, count, __ATOMIC_RELEASE);
}
#else
typedef uint16_t used_t;

static inline used_t lock(used_t *used) { return *used; }

static inline void unlock(used_t *used, used_t count) { *used = count; }
#endif

struct twin {
  char *memory;            /* where pa 0 is */
  used_t *used;            /* by pfn: entries of the table there */
  uint64_t *zeroed;        /* a stack of the pa of zeroed tables */
  uint64_t zeroed_count;
  uint64_t root;
  uint64_t table_bits; /* of an entry that leads to a table */
  uint64_t leaf_bits[ROOT_LEVEL + 1]; /* of a leaf, by level; the root has none */
};

static inline int shift_of(int level) { return PAGE_SHIFT + level * INDEX_BITS; }

static inline int index_of(uint64_t va, int level) {
  return (va >> shift_of(level)) & (ITEMS - 1);
}

static inline item_t *items_of(const struct twin *t, uint64_t table) {
  return (item_t *)(t->memory + table);
}

static inline used_t *used_of(const struct twin *t, uint64_t table) {
  return &t->used[table >> PAGE_SHIFT];
}

static inline int is_table(uint64_t item) { return (item & (PRESENT | LARGE)) == PRESENT; }

static inline uint64_t take_table(struct twin *t) {
  return UNLIKELY(t->zeroed_count == 0) ? NOT_MAPPED : t->zeroed[--t->zeroed_count];
}

static inline void give_table(struct twin *t, uint64_t table) {
  memset(t->memory + table, 0, PAGE_SIZE);
  *used_of(t, table) = 0;
  t->zeroed[t->zeroed_count++] = table;
}

/* Makes the table that an empty entry shall lead to. */
NOINLINE uint64_t hook_table(struct twin *t, uint64_t parent, int index) {
  uint64_t table = take_table(t);
  if (table != NOT_MAPPED) {
    items_of(t, parent)[index] = table | t->table_bits;
    ++*used_of(t, parent);
  }
  return table;
}

/* The table below an entry, made if it is missing; NOT_MAPPED if there is a leaf or no memory. */
static inline uint64_t step(struct twin *t, uint64_t table, uint64_t va, int level) {
  int index = index_of(va, level);
  uint64_t item = items_of(t, table)[index];
  if (is_table(item)) {
    return item & PA_MASK;
  }
  return item != 0 ? NOT_MAPPED : hook_table(t, table, index);
}

NOINLINE int twin_map_page(struct twin *t, uint64_t va, uint64_t pa) {
  uint64_t table = t->root;
#pragma GCC unroll 3
  for (int level = ROOT_LEVEL; level > 0; level--) {
    table = step(t, table, va, level);
    if (UNLIKELY(table == NOT_MAPPED)) {
      return -EEXIST;
    }
  }
  item_t *item = &items_of(t, table)[index_of(va, 0)];
  used_t *used = used_of(t, table);
  used_t count = lock(used);
  if (UNLIKELY(*item != 0)) {
    unlock(used, count);
    return -EEXIST;
  }
  *item = pa | t->leaf_bits[0];
  unlock(used, count + 1);
  return 0;
}

NOINLINE uint64_t twin_unmap_page(struct twin *t, uint64_t va) {
  uint64_t table = t->root;
#pragma GCC unroll 3
  for (int level = ROOT_LEVEL; level > 0; level--) {
    uint64_t item = items_of(t, table)[index_of(va, level)];
    if (UNLIKELY(!is_table(item))) {
      return 0;
    }
    table = item & PA_MASK;
  }
  item_t *item = &items_of(t, table)[index_of(va, 0)];
  used_t *used = used_of(t, table);
  used_t count = lock(used);
  if (UNLIKELY(*item == 0)) {
    unlock(used, count);
    return 0;
  }
  *item = 0;
  unlock(used, count - 1);
  return PAGE_SIZE;
}

NOINLINE uint64_t twin_translate(const struct twin *t, uint64_t va) {
  uint64_t item = items_of(t, t->root)[index_of(va, 3)];
  if (UNLIKELY(!(item & PRESENT))) {
    return NOT_MAPPED;
  }
#pragma GCC unroll 2
  for (int level = 2; level > 0; level--) {
    item = items_of(t, item & PA_MASK)[index_of(va, level)];
    if (UNLIKELY(!is_table(item))) {
      uint64_t offset = (1ULL << shift_of(level)) - 1;
      return item & PRESENT ? (item & PA_MASK & ~offset) | (va & offset) : NOT_MAPPED;
    }
  }
  item = items_of(t, item & PA_MASK)[index_of(va, 0)];
  return item & PRESENT ? (item & PA_MASK) | (va & (PAGE_SIZE - 1)) : NOT_MAPPED;
}

/* Maps items from..end-1 of a leaf table. What is known empty is not looked at. */
static int fill(struct twin *t, uint64_t table, int from, int end, uint64_t item) {
  item_t *items = items_of(t, table);
  used_t *used = used_of(t, table);
  used_t count = lock(used);
  if (count != 0) {
#ifdef TWIN_VOLATILE
    for (int i = from; i < end; i++) {
      if (UNLIKELY(items[i] != 0)) {
        unlock(used, count);
        return -EEXIST;
      }
    }
#else
    /* A sum and not an early exit: it vectorises. */
    uint64_t found = 0;
    for (int i = from; i < end; i++) {
      found |= items[i];
    }
    if (UNLIKELY(found != 0)) {
      unlock(used, count);
      return -EEXIST;
    }
#endif
  }
  for (int i = from; i < end; i++) {
    items[i] = item;
    item += PAGE_SIZE;
  }
  unlock(used, count + (end - from));
  return 0;
}

static int map_level(
    struct twin *t, int level, uint64_t table, uint64_t va, uint64_t last, uint64_t delta,
    uint64_t sizes) {
  if (level == 0) {
    return fill(
        t, table, index_of(va, 0), index_of(last, 0) + 1, (va + delta) | t->leaf_bits[0]);
  }
  uint64_t mask = (1ULL << shift_of(level)) - 1;
  int end = index_of(last, level);
  for (int index = index_of(va, level); index <= end; index++) {
    uint64_t item_last = index == end ? last : va | mask;
    item_t *slot = &items_of(t, table)[index];
    uint64_t item = *slot;
    if (item == 0 && (sizes >> shift_of(level) & 1) && item_last - va == mask
        && ((va | (va + delta)) & mask) == 0) {
      *slot = (va + delta) | t->leaf_bits[level];
      ++*used_of(t, table);
    } else {
      uint64_t child = step(t, table, va, level);
      if (UNLIKELY(child == NOT_MAPPED)) {
        return -EEXIST;
      }
      int error = map_level(t, level - 1, child, va, item_last, delta, sizes);
      if (UNLIKELY(error)) {
        return error;
      }
    }
    va = item_last + 1;
  }
  return 0;
}

/* Maps a range with the largest leaves of sizes, a bit for each; what it did before an error stays. */
NOINLINE int twin_map(
    struct twin *t, uint64_t va, uint64_t pa, uint64_t length, uint64_t sizes) {
  return map_level(t, ROOT_LEVEL, t->root, va, va + length - 1, pa - va, sizes);
}

/* Gives a table that nothing leads to any more, and all below it, back to the pool. */
static uint64_t drop(struct twin *t, int level, uint64_t table) {
  uint64_t bytes = 0;
  int used = *used_of(t, table);
  if (level > 0 && used > 0) {
    for (int index = 0; index < ITEMS; index++) {
      uint64_t item = items_of(t, table)[index];
      if (is_table(item)) {
        bytes += drop(t, level - 1, item & PA_MASK);
        used--;
      }
    }
  }
  bytes += (uint64_t)used << shift_of(level);
  give_table(t, table);
  return bytes;
}

static uint64_t clear(struct twin *t, uint64_t table, int from, int end) {
  item_t *items = items_of(t, table);
  used_t *used = used_of(t, table);
  used_t count = lock(used);
  uint64_t removed = 0;
  for (int i = from; i < end; i++) {
#ifdef TWIN_VOLATILE
    if (items[i] != 0) {
      items[i] = 0;
      removed++;
    }
#else
    removed += items[i] != 0;
    items[i] = 0;
#endif
  }
  unlock(used, count - removed);
  return removed << PAGE_SHIFT;
}

static uint64_t unmap_level(
    struct twin *t, int level, uint64_t table, uint64_t va, uint64_t last) {
  if (*used_of(t, table) == 0) {
    return 0;
  }
  if (level == 0) {
    return clear(t, table, index_of(va, 0), index_of(last, 0) + 1);
  }
  uint64_t mask = (1ULL << shift_of(level)) - 1;
  uint64_t bytes = 0;
  int end = index_of(last, level);
  for (int index = index_of(va, level); index <= end; index++) {
    uint64_t item_last = index == end ? last : va | mask;
    item_t *slot = &items_of(t, table)[index];
    uint64_t item = *slot;
    if (is_table(item)) {
      if (item_last - va == mask) {
        *slot = 0;
        --*used_of(t, table);
        bytes += drop(t, level - 1, item & PA_MASK);
      } else {
        bytes += unmap_level(t, level - 1, item & PA_MASK, va, item_last);
      }
    } else if (item != 0) {
      *slot = 0;
      --*used_of(t, table);
      bytes += mask + 1;
    }
    va = item_last + 1;
  }
  return bytes;
}

/* Unmaps a range that begins and ends at the edges of leaves. */
NOINLINE uint64_t twin_unmap(struct twin *t, uint64_t va, uint64_t length) {
  return unmap_level(t, ROOT_LEVEL, t->root, va, va + length - 1);
}

/* ---- What the benchmark calls ---------------------------------------------------------------- */

void twin_free(struct twin *t) {
  if (t != NULL) {
    free(t->used);
    free(t->zeroed);
    free(t);
  }
}

/* A twin on memory whose first byte is pa 0; every frame becomes a zeroed table. NULL if that fails. */
struct twin *twin_new(
    char *memory, uint64_t frames, uint64_t table_bits, uint64_t leaf0, uint64_t leaf1,
    uint64_t leaf2) {
  struct twin *t = calloc(1, sizeof *t);
  if (t == NULL) {
    return NULL;
  }
  t->memory = memory;
  t->used = calloc(frames, sizeof *t->used);
  t->zeroed = calloc(frames, sizeof *t->zeroed);
  if (t->used == NULL || t->zeroed == NULL) {
    twin_free(t);
    return NULL;
  }
  memset(memory, 0, frames * PAGE_SIZE);
  for (uint64_t frame = frames; frame-- > 0;) {
    t->zeroed[t->zeroed_count++] = frame << PAGE_SHIFT;
  }
  t->table_bits = table_bits;
  t->leaf_bits[0] = leaf0;
  t->leaf_bits[1] = leaf1;
  t->leaf_bits[2] = leaf2;
  t->root = take_table(t);
  return t;
}

uint64_t twin_root(const struct twin *t) { return t->root; }

int twin_used(const struct twin *t, uint64_t table) { return *used_of(t, table); }

uint64_t twin_free_tables(const struct twin *t) { return t->zeroed_count; }

int twin_map_ranges(
    struct twin *t, uint64_t va, uint64_t stride, uint64_t pa, uint64_t length, uint64_t sizes,
    int ranges) {
  for (int i = 0; i < ranges; i++) {
    int error = twin_map(t, va + i * stride, pa + i * stride, length, sizes);
    if (error) {
      return error;
    }
  }
  return 0;
}

uint64_t twin_unmap_ranges(
    struct twin *t, uint64_t va, uint64_t stride, uint64_t length, int ranges) {
  uint64_t bytes = 0;
  for (int i = 0; i < ranges; i++) {
    bytes += twin_unmap(t, va + i * stride, length);
  }
  return bytes;
}

int twin_map_pages(
    struct twin *t, uint64_t va, uint64_t pa, const int32_t *pages, int from, int end) {
  for (int i = from; i < end; i++) {
    uint64_t offset = (uint64_t)pages[i] << PAGE_SHIFT;
    int error = twin_map_page(t, va + offset, pa + offset);
    if (error) {
      return error;
    }
  }
  return 0;
}

uint64_t twin_unmap_pages(
    struct twin *t, uint64_t va, const int32_t *pages, int from, int end) {
  uint64_t bytes = 0;
  for (int i = from; i < end; i++) {
    bytes += twin_unmap_page(t, va + ((uint64_t)pages[i] << PAGE_SHIFT));
  }
  return bytes;
}

uint64_t twin_translate_pages(
    const struct twin *t, uint64_t va, const int32_t *pages, int from, int end) {
  uint64_t sum = 0;
  for (int i = from; i < end; i++) {
    sum += twin_translate(t, va + ((uint64_t)pages[i] << PAGE_SHIFT));
  }
  return sum;
}
