/* Matrix products: OpenBLAS on tiles that the pool runs, or plain loops. */
#include <complex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cblas.h>
#include "internal.h"

enum { TILE_ROWS = 8 };

#define TARGET VERSIONS
#define T float
#define L 16
#define N(name) name##_f32
#include "tall_product_template.h"

#define T double
#define L 8
#define N(name) name##_f64
#include "tall_product_template.h"

#ifdef HAS_WIDE
#undef TARGET
#define TARGET WIDE
#define T float
#define L 16
#define N(name) name##_f32_wide
#include "tall_product_template.h"

#define T double
#define L 8
#define N(name) name##_f64_wide
#include "tall_product_template.h"
#endif

static void tall_product(int64_t type, const void *a, const void *b, int64_t rows, int64_t columns,
                         int64_t inner, void *c) {
#ifdef HAS_WIDE
  if (IS_WIDE) {
    if (type == JX_F32) tall_f32_wide(a, b, rows, columns, inner, c);
    else tall_f64_wide(a, b, rows, columns, inner, c);
    return;
  }
#endif
  if (type == JX_F32) tall_f32(a, b, rows, columns, inner, c);
  else tall_f64(a, b, rows, columns, inner, c);
}

static void use_one_thread(void) { openblas_set_num_threads(1); }

typedef struct {
  const int64_t *p;
  char *a, *b, *c;
  int64_t tile_rows, tile_columns, across, down;
} product;

/* A tile of m × n where the whole product has one row or one column. */
static void matrix_vector(const product *t, void *a, void *b, void *c, int64_t m, int64_t n) {
  const int64_t *p = t->p;
  int64_t rows = p[2], columns = p[3], inner = p[4];
  /* The matrix as stored, and whether its transpose is multiplied. */
  int by_column = columns == 1;
  void *matrix = by_column ? a : b, *vector = by_column ? b : a;
  int transposed = by_column ? p[7] != 0 : p[8] == 0;
  int64_t length = by_column ? m : n; /* of this part of the result */
  int64_t down = transposed ? inner : length, across = transposed ? length : inner;
  int64_t stride = transposed ? (by_column ? rows : columns) : inner;
  CBLAS_TRANSPOSE op = transposed ? CblasTrans : CblasNoTrans;
  if (p[0] == JX_F32)
    cblas_sgemv(CblasRowMajor, op, down, across, 1, matrix, stride, vector, 1, 0, c, 1);
  else
    cblas_dgemv(CblasRowMajor, op, down, across, 1, matrix, stride, vector, 1, 0, c, 1);
}

static void blas_tile(const product *t, int64_t batch, int64_t row, int64_t column) {
  const int64_t *p = t->p;
  int64_t type = p[0], rows = p[2], columns = p[3], inner = p[4];
  int64_t m = rows - row < t->tile_rows ? rows - row : t->tile_rows;
  int64_t n = columns - column < t->tile_columns ? columns - column : t->tile_columns;
  size_t size = jx_size_of(type);
  int64_t lda = p[7] ? rows : inner, ldb = p[8] ? inner : columns;
  char *a = t->a + (batch * p[5] + (p[7] ? row : row * lda)) * size;
  char *b = t->b + (batch * p[6] + (p[8] ? column * ldb : column)) * size;
  char *c = t->c + (batch * rows * columns + row * columns + column) * size;
  CBLAS_TRANSPOSE ta = p[7] ? CblasTrans : CblasNoTrans, tb = p[8] ? CblasTrans : CblasNoTrans;
  if ((type == JX_F32 || type == JX_F64) && (rows == 1 || columns == 1)) {
    matrix_vector(t, a, b, c, m, n);
    return;
  }
  switch (type) {
  case JX_F32:
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, inner, 1, (float *)a, lda, (float *)b, ldb, 0,
                (float *)c, columns);
    break;
  case JX_F64:
    cblas_dgemm(CblasRowMajor, ta, tb, m, n, inner, 1, (double *)a, lda, (double *)b, ldb, 0,
                (double *)c, columns);
    break;
  case JX_C64: {
    float one[2] = {1, 0}, zero[2] = {0, 0};
    cblas_cgemm(CblasRowMajor, ta, tb, m, n, inner, one, a, lda, b, ldb, zero, c, columns);
    break;
  }
  default: {
    double one[2] = {1, 0}, zero[2] = {0, 0};
    cblas_zgemm(CblasRowMajor, ta, tb, m, n, inner, one, a, lda, b, ldb, zero, c, columns);
  }
  }
}

static void blas_range(void *context, int64_t begin, int64_t end) {
  const product *t = context;
  int64_t tiles = t->across * t->down;
  for (int64_t i = begin; i < end; i++) {
    int64_t tile = i % tiles;
    blas_tile(t, i / tiles, tile / t->across * t->tile_rows, tile % t->across * t->tile_columns);
  }
}

static float half_to_float(uint16_t bits) {
  _Float16 value;
  memcpy(&value, &bits, 2);
  return (float)value;
}

static uint16_t float_to_half(float value) {
  _Float16 half = (_Float16)value;
  uint16_t bits;
  memcpy(&bits, &half, 2);
  return bits;
}

static float bfloat_to_float(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}

static uint16_t float_to_bfloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if (value != value) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* Small floating-point types: widened to f32, multiplied, rounded once. */
static int32_t widened_product(const int64_t *p, void *const *buffers) {
  int64_t type = p[0], batch = p[1], rows = p[2], columns = p[3], inner = p[4];
  int64_t count_a = p[5] ? batch * rows * inner : rows * inner;
  int64_t count_b = p[6] ? batch * inner * columns : inner * columns;
  int64_t count_c = batch * rows * columns;
  float *a = jx_allocate((count_a + count_b + count_c) * sizeof(float));
  if (!a) return -2;
  float *b = a + count_a, *c = b + count_b;
  for (int operand = 0; operand < 2; operand++) {
    float *to = operand ? b : a;
    int64_t count = operand ? count_b : count_a;
    if (type == JX_F16 || type == JX_BF16) {
      const uint16_t *from = buffers[operand];
      for (int64_t i = 0; i < count; i++)
        to[i] = type == JX_F16 ? half_to_float(from[i]) : bfloat_to_float(from[i]);
    } else {
      const uint8_t *from = buffers[operand];
      for (int64_t i = 0; i < count; i++) to[i] = jx_float_from_f8((int32_t)type, from[i]);
    }
  }
  int64_t wide[9];
  memcpy(wide, p, sizeof wide);
  wide[0] = JX_F32;
  void *const wide_buffers[3] = {a, b, c};
  int32_t status = jx_matrix_product(wide, wide_buffers);
  if (type == JX_F16 || type == JX_BF16) {
    uint16_t *to = buffers[2];
    for (int64_t i = 0; i < count_c; i++)
      to[i] = type == JX_F16 ? float_to_half(c[i]) : float_to_bfloat(c[i]);
  } else {
    uint8_t *to = buffers[2];
    for (int64_t i = 0; i < count_c; i++) to[i] = jx_f8_from_float((int32_t)type, c[i]);
  }
  jx_free(a, (count_a + count_b + count_c) * sizeof(float));
  return status;
}

/* A product whose inner extent is long and whose result is small: parts of the inner extent, of a
   length that depends on the size alone, are multiplied apart and then added in order. */
enum { INNER_PART = 4096 };

typedef struct {
  const int64_t *p;
  char *a, *b, *parts;
} split_product;

static void split_range(void *context, int64_t begin, int64_t end) {
  const split_product *s = context;
  const int64_t *p = s->p;
  int64_t rows = p[2], columns = p[3], inner = p[4];
  size_t size = jx_size_of(p[0]);
  CBLAS_TRANSPOSE ta = p[7] ? CblasTrans : CblasNoTrans, tb = p[8] ? CblasTrans : CblasNoTrans;
  int64_t lda = p[7] ? rows : inner, ldb = p[8] ? inner : columns;
  for (int64_t part = begin; part < end; part++) {
    int64_t k = part * INNER_PART, count = inner - k < INNER_PART ? inner - k : INNER_PART;
    void *a = s->a + (p[7] ? k * lda : k) * size, *b = s->b + (p[8] ? k : k * ldb) * size;
    void *c = s->parts + part * rows * columns * size;
    if (p[7] && !p[8] && rows * columns <= 4096 && rows % 8 == 0 && columns % 32 == 0)
      tall_product(p[0], a, b, rows, columns, count, c);
    else if (p[0] == JX_F32)
      cblas_sgemm(CblasRowMajor, ta, tb, rows, columns, count, 1, a, lda, b, ldb, 0, c, columns);
    else
      cblas_dgemm(CblasRowMajor, ta, tb, rows, columns, count, 1, a, lda, b, ldb, 0, c, columns);
  }
}

static int32_t split_inner(const int64_t *p, void *const *buffers) {
  int64_t count = p[2] * p[3], parts = (p[4] + INNER_PART - 1) / INNER_PART;
  size_t size = jx_size_of(p[0]), bytes = parts * count * size;
  split_product s = {.p = p, .a = buffers[0], .b = buffers[1], .parts = jx_allocate(bytes)};
  if (!s.parts) return -2;
  jx_parallel_for(split_range, &s, 0, parts, 1);
  memcpy(buffers[2], s.parts, count * size);
  for (int64_t part = 1; part < parts; part++)
    for (int64_t i = 0; i < count; i++) {
      if (p[0] == JX_F32) ((float *)buffers[2])[i] += ((float *)s.parts)[part * count + i];
      else ((double *)buffers[2])[i] += ((double *)s.parts)[part * count + i];
    }
  jx_free(s.parts, bytes);
  return 0;
}

int32_t jx_matrix_product(const int64_t *p, void *const *buffers) {
  int64_t type = p[0], batch = p[1], rows = p[2], columns = p[3], inner = p[4];
  if (batch * rows * columns == 0) return 0;
  if (inner == 0) {
    memset(buffers[2], 0, batch * rows * columns * jx_size_of(type));
    return 0;
  }
  product t = {.p = p, .a = buffers[0], .b = buffers[1], .c = buffers[2]};
  int64_t work = rows * columns * inner;
  switch (type) {
  case JX_F32: case JX_F64: case JX_C64: case JX_C128: {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, use_one_thread);
    if ((type == JX_F32 || type == JX_F64) && batch == 1 && rows > 1 && columns > 1 &&
        rows * columns <= 16384 && inner >= 4 * INNER_PART)
      return split_inner(p, buffers);
    /* Tiles depend on the size alone: about 16, none too small to be fast. */
    t.tile_rows = rows, t.tile_columns = columns;
    if (work > 4000000) {
      int64_t tile = 768;
      if (rows > tile) t.tile_rows = (rows + (rows + tile - 1) / tile - 1) / ((rows + tile - 1) / tile);
      else if (rows >= 64) t.tile_rows = (rows + 1) / 2;
      t.tile_rows = (t.tile_rows + 15) / 16 * 16;
      if (columns > 2 * tile)
        t.tile_columns =
            ((columns + (columns + 2 * tile - 1) / (2 * tile) - 1) /
                 ((columns + 2 * tile - 1) / (2 * tile)) + 63) / 64 * 64;
      else if (rows < 64 && columns >= 256) t.tile_columns = ((columns + 1) / 2 + 63) / 64 * 64;
      if (rows == 1 && columns >= 512) t.tile_columns = ((columns + 7) / 8 + 63) / 64 * 64;
    }
    t.down = (rows + t.tile_rows - 1) / t.tile_rows;
    t.across = (columns + t.tile_columns - 1) / t.tile_columns;
    int64_t tiles = batch * t.down * t.across;
    int64_t per_tile = t.tile_rows * t.tile_columns * inner;
    int64_t grain = per_tile >= 500000 ? 1 : 500000 / (per_tile + 1) + 1;
    jx_parallel_for(blas_range, &t, 0, tiles, grain);
    return 0;
  }
  default: return type >= JX_F4E2M1FN && type <= JX_F16 ? widened_product(p, buffers) : -1;
  }
}
