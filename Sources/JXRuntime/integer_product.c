/* Products of matrices of integers: plain loops, without BLAS. */
#include <string.h>
#include "internal.h"

typedef struct {
  const int64_t *p;
  char *a, *b, *c;
} product;

/* Integers wrap, so unsigned arithmetic serves both signs. Rows of c are accumulated. */
#define INTEGER_PRODUCT(NAME, TYPE, UNSIGNED)                                                     \
  static void NAME(void *context, int64_t begin, int64_t end) {                                   \
    const product *t = context;                                                                   \
    const int64_t *p = t->p;                                                                      \
    int64_t rows = p[2], columns = p[3], inner = p[4];                                            \
    for (int64_t i = begin; i < end; i++) {                                                       \
      int64_t batch = i / rows, row = i % rows;                                                   \
      const TYPE *a = (const TYPE *)t->a + batch * p[5], *b = (const TYPE *)t->b + batch * p[6];  \
      TYPE *c = (TYPE *)t->c + i * columns;                                                       \
      memset(c, 0, columns * sizeof(TYPE));                                                       \
      for (int64_t k = 0; k < inner; k++) {                                                       \
        UNSIGNED x = (UNSIGNED)(p[7] ? a[k * rows + row] : a[row * inner + k]);                   \
        for (int64_t j = 0; j < columns; j++)                                                     \
          c[j] = (TYPE)((UNSIGNED)c[j] + x * (UNSIGNED)(p[8] ? b[j * inner + k] : b[k * columns + j])); \
      }                                                                                           \
    }                                                                                             \
  }
INTEGER_PRODUCT(product_8, uint8_t, uint32_t)
INTEGER_PRODUCT(product_16, uint16_t, uint32_t)
INTEGER_PRODUCT(product_32, uint32_t, uint32_t)
INTEGER_PRODUCT(product_64, uint64_t, uint64_t)

static void product_bool(void *context, int64_t begin, int64_t end) {
  const product *t = context;
  const int64_t *p = t->p;
  int64_t rows = p[2], columns = p[3], inner = p[4];
  for (int64_t i = begin; i < end; i++) {
    int64_t batch = i / rows, row = i % rows;
    const uint8_t *a = (uint8_t *)t->a + batch * p[5], *b = (uint8_t *)t->b + batch * p[6];
    uint8_t *c = (uint8_t *)t->c + i * columns;
    memset(c, 0, columns);
    for (int64_t k = 0; k < inner; k++)
      for (int64_t j = 0; j < columns; j++)
        c[j] |= (p[7] ? a[k * rows + row] : a[row * inner + k]) &
                (p[8] ? b[j * inner + k] : b[k * columns + j]);
  }
}

int32_t jx_integer_product(const int64_t *p, void *const *buffers) {
  int64_t type = p[0], rows = p[1] * p[2], columns = p[3], inner = p[4];
  if (rows * columns == 0) return 0;
  if (inner == 0) {
    memset(buffers[2], 0, rows * columns * jx_size_of(type));
    return 0;
  }
  product t = {.p = p, .a = buffers[0], .b = buffers[1], .c = buffers[2]};
  int64_t grain = 1 + 200000 / (columns * inner);
  if (type == JX_BOOL) {
    jx_parallel_for(product_bool, &t, 0, rows, grain);
    return 0;
  }
  switch (jx_size_of(type)) {
  case 1: jx_parallel_for(product_8, &t, 0, rows, grain); break;
  case 2: jx_parallel_for(product_16, &t, 0, rows, grain); break;
  case 4: jx_parallel_for(product_32, &t, 0, rows, grain); break;
  default: jx_parallel_for(product_64, &t, 0, rows, grain);
  }
  return 0;
}
