/* Convolutions: see convolution_template.h. */
#include <stdlib.h>
#include <string.h>
#include "convolution.h"
#include "internal.h"

enum { WIDTH = 3 };

/* The elements of the lower (0) or upper (1) half of a and b in turn. */
#define INTERLEAVE_4(half, a, b) \
  __builtin_shufflevector(a, b, 2 * half, 4 + 2 * half, 1 + 2 * half, 5 + 2 * half)
#define INTERLEAVE_8(half, a, b) \
  __builtin_shufflevector(a, b, 4 * half, 8 + 4 * half, 1 + 4 * half, 9 + 4 * half, \
                          2 + 4 * half, 10 + 4 * half, 3 + 4 * half, 11 + 4 * half)
#define INTERLEAVE_16(half, a, b) \
  __builtin_shufflevector(a, b, 8 * half, 16 + 8 * half, 1 + 8 * half, 17 + 8 * half, \
                          2 + 8 * half, 18 + 8 * half, 3 + 8 * half, 19 + 8 * half, \
                          4 + 8 * half, 20 + 8 * half, 5 + 8 * half, 21 + 8 * half, \
                          6 + 8 * half, 22 + 8 * half, 7 + 8 * half, 23 + 8 * half)

/* Twelve sums of 32 bytes fit the registers of AVX2 and NEON, 24 of 64 bytes those of AVX-512. */
#define BYTES 32
#define HEIGHT 4
#define TARGET VERSIONS

#define T float
#define N(name) name##_f32
#define INTERLEAVE INTERLEAVE_8
#include "convolution_template.h"

#define T double
#define N(name) name##_f64
#define INTERLEAVE INTERLEAVE_4
#include "convolution_template.h"

#ifdef HAS_WIDE
#undef BYTES
#undef HEIGHT
#undef TARGET
#define BYTES 64
#define HEIGHT 8
#define TARGET WIDE

#define T float
#define N(name) name##_f32_wide
#define INTERLEAVE INTERLEAVE_16
#include "convolution_template.h"

#define T double
#define N(name) name##_f64_wide
#define INTERLEAVE INTERLEAVE_8
#include "convolution_template.h"
#endif

int32_t jx_convolve(const convolution *c, const void *input, const void *kernel, void *result) {
#ifdef HAS_WIDE
  if (IS_WIDE)
    return c->type == JX_F32 ? convolve_f32_wide(c, input, kernel, result)
                             : convolve_f64_wide(c, input, kernel, result);
#endif
  return c->type == JX_F32 ? convolve_f32(c, input, kernel, result)
                           : convolve_f64(c, input, kernel, result);
}

int32_t jx_convolution(const int64_t *p, void *const *buffers) {
  const convolution *c = (const convolution *)p;
  if (c->type != JX_F32 && c->type != JX_F64) return -1;
  return jx_convolve(c, buffers[0], buffers[1], buffers[2]);
}
