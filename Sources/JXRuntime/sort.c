/* Stable sorting of slices along one axis, and the k largest of rows. */
#include <stdlib.h>
#include <string.h>
#include "internal.h"

typedef int8_t (*comparator)(void *const *elements);

/* A key as an unsigned integer in the same order: NaN above everything, -0 equal to +0. */
static uint64_t ordered_key(int64_t type, const char *element) {
  uint64_t bits = 0;
  size_t size = jx_size_of(type);
  memcpy(&bits, element, size);
  int width = (int)size * 8;
  uint64_t sign = UINT64_C(1) << (width - 1);
  switch (type) {
  case JX_BOOL: case JX_U2: case JX_U4: case JX_U8: case JX_U16: case JX_U32: case JX_U64:
    return bits;
  case JX_I2: case JX_I4: case JX_I8: case JX_I16: case JX_I32: case JX_I64: return bits ^ sign;
  case JX_BF16: case JX_F16: case JX_F32: case JX_F64: {
    uint64_t infinity = type == JX_BF16  ? 0x7f80
                        : type == JX_F16 ? 0x7c00
                        : type == JX_F32 ? 0x7f800000
                                         : UINT64_C(0x7ff0000000000000);
    uint64_t size_bits = bits & (sign - 1);
    if (size_bits > infinity) return sign | (sign - 1);
    /* Subnormals count as zero, as arithmetic has it. */
    uint64_t lowest = infinity & ~(infinity << 1);
    if (size_bits < lowest) return sign;
    return bits & sign ? ~bits & (sign | (sign - 1)) : bits | sign;
  }
  default: {
    float value = jx_float_from_f8((int32_t)type, (uint8_t)bits);
    uint32_t wide;
    memcpy(&wide, &value, 4);
    if (value != value) return 0xffffffff;
    if (value == 0) return 0x80000000;
    return wide & 0x80000000 ? ~wide : wide | 0x80000000;
  }
  }
}

/* The keys of `count` elements that are `stride` bytes apart, for ascending or descending order. */
static void fill_keys(int64_t type, const char *from, int64_t stride, int64_t count,
                      int descending, uint64_t *keys) {
  if (type == JX_F32 && stride == 4) {
    uint32_t flip = descending ? UINT32_MAX : 0;
    for (int64_t i = 0; i < count; i++) {
      uint32_t bits;
      memcpy(&bits, from + 4 * i, 4);
      uint32_t size = bits & 0x7fffffff, key = bits >> 31 ? ~bits : bits | 0x80000000;
      key = size < 0x00800000 ? 0x80000000 : key;
      key = size > 0x7f800000 ? UINT32_MAX : key;
      keys[i] = key ^ flip;
    }
    return;
  }
  size_t bytes = jx_size_of(type);
  int width = bytes == 1 && type >= JX_F4E2M1FN ? 4 : (int)bytes;
  uint64_t mask = width == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * width) - 1;
  for (int64_t i = 0; i < count; i++) {
    uint64_t key = ordered_key(type, from + i * stride);
    keys[i] = descending ? ~key & mask : key;
  }
}

typedef struct {
  uint64_t key;
  int64_t position;
} entry;

enum { KEY_BLOCK = 512 };

/* Stable least-significant-digit radix sort; digits that all keys share are skipped. */
static void radix_sort(entry *entries, entry *spare, int64_t count, int bytes) {
  for (int byte = 0; byte < bytes; byte++) {
    int64_t starts[257] = {0};
    int shift = 8 * byte;
    for (int64_t i = 0; i < count; i++) starts[(entries[i].key >> shift & 0xff) + 1]++;
    if (starts[(entries[0].key >> shift & 0xff) + 1] == count) continue;
    for (int d = 0; d < 256; d++) starts[d + 1] += starts[d];
    for (int64_t i = 0; i < count; i++) spare[starts[entries[i].key >> shift & 0xff]++] = entries[i];
    memcpy(entries, spare, count * sizeof *entries);
  }
}

static void insertion_sort(entry *entries, int64_t count) {
  for (int64_t i = 1; i < count; i++) {
    entry moving = entries[i];
    int64_t j = i;
    for (; j > 0 && entries[j - 1].key > moving.key; j--) entries[j] = entries[j - 1];
    entries[j] = moving;
  }
}

static void sort_keys(entry *entries, entry *spare, int64_t count, int bytes) {
  if (count < 48) insertion_sort(entries, count);
  else radix_sort(entries, spare, count, bytes);
}

typedef struct {
  const int64_t *p;
  void *const *buffers;
  comparator precedes;
  int32_t failed;
} sorting;

/* Does the element at `a` come before that at `b`? */
static int before(const sorting *s, char **bases, int64_t stride, int64_t a, int64_t b) {
  void *elements[64];
  int64_t count = s->p[5];
  for (int64_t o = 0; o < count; o++) {
    size_t size = jx_size_of(s->p[6 + o]);
    elements[2 * o] = bases[o] + a * stride * size;
    elements[2 * o + 1] = bases[o] + b * stride * size;
  }
  return s->precedes(elements) != 0;
}

/* Stable merge sort of positions by the comparator. */
static void merge_sort(const sorting *s, char **bases, int64_t stride, int64_t *order,
                       int64_t *spare, int64_t count) {
  for (int64_t width = 1; width < count; width *= 2) {
    for (int64_t start = 0; start < count; start += 2 * width) {
      int64_t middle = start + width < count ? start + width : count;
      int64_t end = start + 2 * width < count ? start + 2 * width : count;
      int64_t i = start, j = middle, k = start;
      while (i < middle && j < end)
        spare[k++] = before(s, bases, stride, order[j], order[i]) ? order[j++] : order[i++];
      while (i < middle) spare[k++] = order[i++];
      while (j < end) spare[k++] = order[j++];
    }
    memcpy(order, spare, count * sizeof *order);
  }
}

static void sort_slices(void *context, int64_t begin, int64_t end) {
  sorting *s = context;
  const int64_t *p = s->p;
  int64_t size = p[1], inner = p[2], count = p[5];
  entry *entries = malloc(2 * (size + 1) * sizeof(entry));
  if (!entries) {
    s->failed = 1;
    return;
  }
  char *bases[64], *results[64];
  for (int64_t slice = begin; slice < end; slice++) {
    int64_t offset = slice / inner * size * inner + slice % inner;
    for (int64_t o = 0; o < count; o++) {
      size_t bytes = jx_size_of(p[6 + o]);
      bases[o] = (char *)s->buffers[o] + offset * bytes;
      results[o] = (char *)s->buffers[count + o] + offset * bytes;
    }
    int64_t *order = (int64_t *)(entries + size + 1);
    if (s->precedes) {
      int64_t *spare = order + size;
      for (int64_t i = 0; i < size; i++) order[i] = i;
      merge_sort(s, bases, inner, order, spare, size);
      for (int64_t i = 0; i < size; i++) entries[i].position = order[i];
    } else {
      for (int64_t i = 0; i < size; i++) entries[i].position = i;
      /* Stable passes from the last key to the first. */
      for (int64_t key = p[4] - 1; key >= 0; key--) {
        size_t bytes = jx_size_of(p[6 + key]);
        int width = bytes == 1 && p[6 + key] >= JX_F4E2M1FN ? 4 : (int)bytes;
        uint64_t mask = width == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * width) - 1;
        if (key == p[4] - 1) { /* still in the order of the operand */
          for (int64_t start = 0; start < size; start += KEY_BLOCK) {
            uint64_t keys[KEY_BLOCK];
            int64_t count = size - start < KEY_BLOCK ? size - start : KEY_BLOCK;
            fill_keys(p[6 + key], bases[key] + start * inner * bytes, inner * bytes, count,
                      p[3] == 1, keys);
            for (int64_t i = 0; i < count; i++) entries[start + i].key = keys[i];
          }
        } else {
          for (int64_t i = 0; i < size; i++) {
            uint64_t ordered =
                ordered_key(p[6 + key], bases[key] + entries[i].position * inner * bytes);
            entries[i].key = p[3] == 1 ? ~ordered & mask : ordered;
          }
        }
        sort_keys(entries, entries + size + 1, size, width);
      }
    }
    for (int64_t o = 0; o < count; o++) {
      size_t bytes = jx_size_of(p[6 + o]);
      char *from = bases[o], *to = results[o];
      for (int64_t i = 0; i < size; i++)
        memcpy(to + i * inner * bytes, from + entries[i].position * inner * bytes, bytes);
    }
  }
  free(entries);
}

int32_t jx_sort(const int64_t *p, void *const *buffers) {
  sorting s = {.p = p, .buffers = buffers};
  if (p[5] > 31) return -4;
  if (p[3] == 2) {
    s.precedes = (comparator)buffers[0];
    s.buffers = buffers + 1;
  }
  int64_t slices = p[0] * p[2];
  if (slices == 0 || p[1] == 0) return 0;
  jx_parallel_for(sort_slices, &s, 0, slices, 1 + 4096 / p[1]);
  return s.failed ? -2 : 0;
}

/* -- top_k ------------------------------------------------------------------------------------ */

/* A key as an unsigned integer in IEEE's total order: negative NaNs are below everything, and -0 is
   below +0. */
static uint64_t total_key(int64_t type, const char *element) {
  uint64_t bits = 0, sign = UINT64_C(0x80000000);
  switch (type) {
  case JX_BOOL: case JX_U2: case JX_U4: case JX_U8: case JX_U16: case JX_U32: case JX_U64:
  case JX_I2: case JX_I4: case JX_I8: case JX_I16: case JX_I32: case JX_I64:
    return ordered_key(type, element);
  case JX_BF16: case JX_F16: case JX_F32: case JX_F64:
    memcpy(&bits, element, jx_size_of(type));
    sign = UINT64_C(1) << (8 * jx_size_of(type) - 1);
    break;
  default: {
    float value = jx_float_from_f8((int32_t)type, *(const uint8_t *)element);
    memcpy(&bits, &value, 4);
  }
  }
  return bits & sign ? ~bits & (sign | (sign - 1)) : bits | sign;
}

/* Keys in descending order. */
static void fill_total_keys(int64_t type, const char *from, int64_t count, uint64_t *keys) {
  size_t bytes = jx_size_of(type);
  int width = bytes == 1 && type >= JX_F4E2M1FN ? 4 : (int)bytes;
  uint64_t mask = width == 8 ? ~UINT64_C(0) : (UINT64_C(1) << 8 * width) - 1;
  for (int64_t i = 0; i < count; i++) keys[i] = ~total_key(type, from + i * bytes) & mask;
}

static int comes_before(entry a, entry b) {
  return a.key != b.key ? a.key < b.key : a.position < b.position;
}

/* Replaces the top of a heap of `count` entries. */
static void sift_down(entry *heap, int64_t count, entry moving) {
  int64_t i = 0;
  for (int64_t child; (child = 2 * i + 1) < count; i = child) {
    if (child + 1 < count && comes_before(heap[child], heap[child + 1])) child++;
    if (!comes_before(moving, heap[child])) break;
    heap[i] = heap[child];
  }
  heap[i] = moving;
}

static void top_rows(void *context, int64_t begin, int64_t end) {
  sorting *s = context;
  const int64_t *p = s->p;
  int64_t columns = p[2], k = p[3];
  size_t bytes = jx_size_of(p[0]);
  int width = bytes == 1 && p[0] >= JX_F4E2M1FN ? 4 : (int)bytes;
  entry *entries = malloc(2 * (columns + 1) * sizeof(entry));
  if (!entries) {
    s->failed = 1;
    return;
  }
  for (int64_t row = begin; row < end; row++) {
    const char *from = (const char *)s->buffers[0] + row * columns * bytes;
    char *values = (char *)s->buffers[1] + row * k * bytes;
    int32_t *indices = (int32_t *)s->buffers[2] + row * k;
    int64_t kept = columns;
    if (k < columns / 8) {
      /* Few: a heap of the best so far, the worst of them on top. */
      kept = 0;
      for (int64_t start = 0; start < columns; start += KEY_BLOCK) {
        uint64_t keys[KEY_BLOCK];
        int64_t count = columns - start < KEY_BLOCK ? columns - start : KEY_BLOCK;
        fill_total_keys(p[0], from + start * bytes, count, keys);
        for (int64_t i = 0; i < count; i++) {
          entry moving = {keys[i], start + i};
          if (kept < k) {
            int64_t j = kept++;
            for (; j > 0 && comes_before(entries[(j - 1) / 2], moving); j = (j - 1) / 2)
              entries[j] = entries[(j - 1) / 2];
            entries[j] = moving;
          } else if (moving.key < entries[0].key) {
            sift_down(entries, kept, moving);
          }
        }
      }
      /* Take the worst off again and again. */
      for (int64_t last = kept - 1; last > 0; last--) {
        entry worst = entries[0];
        sift_down(entries, last, entries[last]);
        entries[last] = worst;
      }
    } else {
      for (int64_t start = 0; start < columns; start += KEY_BLOCK) {
        uint64_t keys[KEY_BLOCK];
        int64_t count = columns - start < KEY_BLOCK ? columns - start : KEY_BLOCK;
        fill_total_keys(p[0], from + start * bytes, count, keys);
        for (int64_t i = 0; i < count; i++) entries[start + i] = (entry){keys[i], start + i};
      }
      sort_keys(entries, entries + columns + 1, columns, width);
    }
    for (int64_t i = 0; i < k; i++) {
      memcpy(values + i * bytes, from + entries[i].position * bytes, bytes);
      indices[i] = (int32_t)entries[i].position;
    }
  }
  free(entries);
}

int32_t jx_top_k(const int64_t *p, void *const *buffers) {
  if (p[1] == 0 || p[2] == 0 || p[3] == 0) return 0;
  sorting s = {.p = p, .buffers = buffers};
  jx_parallel_for(top_rows, &s, 0, p[1], 1 + 16384 / p[2]);
  return s.failed ? -2 : 0;
}
