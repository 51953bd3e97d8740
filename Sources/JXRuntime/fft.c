/* Discrete Fourier transforms: mixed radix by recursion, Bluestein for large prime factors.
   Everything is computed in double precision. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

typedef double complex number;

enum { LARGEST_FACTOR = 31 };

/* Without the standard's search for infinities that became NaN. */
static inline number times(number a, number b) {
  return __builtin_complex(creal(a) * creal(b) - cimag(a) * cimag(b),
                           creal(a) * cimag(b) + cimag(a) * creal(b));
}

static int64_t smallest_factor(int64_t n) {
  if (n % 4 == 0) return 4;
  for (int64_t f = 2; f * f <= n; f++)
    if (n % f == 0) return f;
  return n;
}

static int64_t largest_factor(int64_t n) {
  int64_t largest = 1;
  while (n > 1) {
    int64_t f = smallest_factor(n);
    if (f > largest) largest = f;
    n /= f;
  }
  return largest;
}

/* to[k] = sum over j of from[j * stride] roots^(j k); `roots` are those of unity of order
   n * step. */
static void transform(int64_t n, int64_t stride, const number *from, number *to,
                      const number *roots, int64_t step) {
  if (n == 1) {
    to[0] = from[0];
    return;
  }
  int64_t radix = smallest_factor(n), rest = n / radix;
  for (int64_t r = 0; r < radix; r++)
    if (rest == 1) to[r] = from[r * stride];
    else transform(rest, stride * radix, from + r * stride, to + r * rest, roots, step * radix);
  for (int64_t k = 0; k < rest; k++) {
    if (radix == 2) {
      number a = to[k], b = times(to[rest + k], roots[k * step]);
      to[k] = a + b;
      to[rest + k] = a - b;
    } else if (radix == 4) {
      number a = to[k], b = times(to[rest + k], roots[k * step]);
      number c = times(to[2 * rest + k], roots[2 * k * step]);
      number d = times(to[3 * rest + k], roots[3 * k * step]);
      number turn = roots[rest * step]; /* -i or i */
      number p = a + c, q = a - c, r = b + d, s = times(b - d, turn);
      to[k] = p + r;
      to[rest + k] = q + s;
      to[2 * rest + k] = p - r;
      to[3 * rest + k] = q - s;
    } else {
      number terms[LARGEST_FACTOR + 1];
      for (int64_t r = 0; r < radix; r++)
        terms[r] = times(to[r * rest + k], roots[(r * k) % n * step]);
      for (int64_t q = 0; q < radix; q++) {
        number sum = terms[0];
        for (int64_t r = 1; r < radix; r++) sum += times(terms[r], roots[(r * q * rest) % n * step]);
        to[q * rest + k] = sum;
      }
    }
  }
}

static void fill_roots(number *roots, int64_t n, int sign) {
  for (int64_t k = 0; k < n; k++) {
    double angle = 2 * M_PI * (double)k / (double)n;
    roots[k] = cos(angle) + I * sign * sin(angle);
  }
}

/* What transforms of one length share. */
typedef struct {
  int64_t length;
  int sign;
  number *roots;
  /* Bluestein: a convolution of a power of two. */
  int64_t padded;
  number *chirp, *kernel, *padded_roots, *padded_back;
} plan;

static void destroy(plan *p) {
  free(p->roots), free(p->chirp), free(p->kernel), free(p->padded_roots), free(p->padded_back);
}

static int make(plan *p, int64_t n, int sign) {
  memset(p, 0, sizeof *p);
  p->length = n, p->sign = sign;
  if (largest_factor(n) <= LARGEST_FACTOR) {
    p->roots = malloc(n * sizeof(number));
    if (!p->roots) return 0;
    fill_roots(p->roots, n, sign);
    return 1;
  }
  int64_t m = 1;
  while (m < 2 * n - 1) m *= 2;
  p->padded = m;
  p->chirp = malloc(n * sizeof(number));
  p->kernel = malloc(m * sizeof(number));
  p->padded_roots = malloc(m * sizeof(number));
  p->padded_back = malloc(m * sizeof(number));
  number *b = calloc(m, sizeof(number));
  if (!p->chirp || !p->kernel || !p->padded_roots || !p->padded_back || !b) {
    free(b);
    return 0;
  }
  fill_roots(p->padded_roots, m, -1);
  fill_roots(p->padded_back, m, 1);
  for (int64_t k = 0; k < n; k++) {
    double angle = M_PI * (double)(k * k % (2 * n)) / (double)n;
    p->chirp[k] = cos(angle) + I * sign * sin(angle);
  }
  b[0] = conj(p->chirp[0]);
  for (int64_t k = 1; k < n; k++) b[k] = b[m - k] = conj(p->chirp[k]);
  transform(m, 1, b, p->kernel, p->padded_roots, 1);
  free(b);
  return 1;
}

/* The numbers of `scratch` that `run` needs. */
static int64_t scratch_size(const plan *p) { return p->padded ? 2 * p->padded : p->length; }

/* In place. */
static void run(const plan *p, number *data, number *scratch) {
  int64_t n = p->length;
  if (!p->padded) {
    memcpy(scratch, data, n * sizeof(number));
    transform(n, 1, scratch, data, p->roots, 1);
    return;
  }
  int64_t m = p->padded;
  number *a = scratch, *b = scratch + m;
  memset(a, 0, m * sizeof(number));
  for (int64_t k = 0; k < n; k++) a[k] = times(data[k], p->chirp[k]);
  transform(m, 1, a, b, p->padded_roots, 1);
  for (int64_t k = 0; k < m; k++) b[k] = times(b[k], p->kernel[k]);
  transform(m, 1, b, a, p->padded_back, 1);
  for (int64_t k = 0; k < n; k++) data[k] = times(a[k], p->chirp[k]) / (double)m;
}

static number get(const void *from, int64_t i, int is_double, int is_complex) {
  if (is_double) {
    const double *x = from;
    return is_complex ? x[2 * i] + I * x[2 * i + 1] : x[i];
  }
  const float *x = from;
  return is_complex ? x[2 * i] + I * x[2 * i + 1] : x[i];
}

static void put(void *to, int64_t i, int is_double, int is_complex, number z) {
  if (is_double) {
    double *x = to;
    if (is_complex) x[2 * i] = creal(z), x[2 * i + 1] = cimag(z);
    else x[i] = creal(z);
  } else {
    float *x = to;
    if (is_complex) x[2 * i] = (float)creal(z), x[2 * i + 1] = (float)cimag(z);
    else x[i] = (float)creal(z);
  }
}

typedef struct {
  const int64_t *p;
  void *const *buffers;
  const plan *plans;
  int32_t failed;
} transforms;

/* One transform over up to three axes, in `work`. */
static void transform_item(const transforms *t, int64_t item, number *work, number *line,
                           number *scratch) {
  const int64_t *p = t->p;
  int is_double = p[0] == JX_F64 || p[0] == JX_C128;
  int64_t kind = p[1], lengths[3] = {p[3], p[4], p[5]};
  int64_t whole = lengths[0] * lengths[1] * lengths[2], rows = lengths[0] * lengths[1];
  int64_t half = lengths[2] / 2 + 1; /* stored of the last axis where the other side is real */
  int64_t stored_in = kind == 3 ? half : lengths[2], stored_out = kind == 2 ? half : lengths[2];
  double scale = kind == 1 || kind == 3 ? 1 / (double)whole : 1;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t k = 0; k < stored_in; k++)
      work[row * lengths[2] + k] =
          get(t->buffers[0], (item * rows + row) * stored_in + k, is_double, kind != 2);
  /* The leading axes first for the complex-to-real transform, whose last axis is half there. */
  for (int pass = 0; pass < 3; pass++) {
    int axis = kind == 3 ? pass : 2 - pass;
    if (axis == 2) {
      for (int64_t row = 0; row < rows; row++) {
        number *data = work + row * lengths[2];
        if (kind == 3) {
          for (int64_t k = half; k < lengths[2]; k++) data[k] = conj(data[lengths[2] - k]);
          data[0] = creal(data[0]);
          if (lengths[2] % 2 == 0) data[lengths[2] / 2] = creal(data[lengths[2] / 2]);
        }
        run(&t->plans[2], data, scratch);
      }
      continue;
    }
    int64_t n = lengths[axis];
    if (n == 1) continue;
    int64_t stride = axis == 1 ? lengths[2] : lengths[1] * lengths[2];
    int64_t columns = kind == 3 ? half : lengths[2];
    int64_t outer = axis == 1 ? lengths[0] : lengths[1];
    int64_t outer_stride = axis == 1 ? lengths[1] * lengths[2] : lengths[2];
    for (int64_t o = 0; o < outer; o++)
      for (int64_t c = 0; c < columns; c++) {
        number *start = work + o * outer_stride + c;
        for (int64_t k = 0; k < n; k++) line[k] = start[k * stride];
        run(&t->plans[axis], line, scratch);
        for (int64_t k = 0; k < n; k++) start[k * stride] = line[k];
      }
  }
  for (int64_t row = 0; row < rows; row++)
    for (int64_t k = 0; k < stored_out; k++)
      put(t->buffers[1], (item * rows + row) * stored_out + k, is_double, kind != 3,
          work[row * lengths[2] + k] * scale);
}

static void transform_items(void *context, int64_t begin, int64_t end) {
  transforms *t = context;
  const int64_t *p = t->p;
  int64_t whole = p[3] * p[4] * p[5], longest = p[3] > p[4] ? p[3] : p[4], size = 0;
  for (int axis = 0; axis < 3; axis++)
    if (scratch_size(&t->plans[axis]) > size) size = scratch_size(&t->plans[axis]);
  number *work = malloc((whole + longest + size) * sizeof(number));
  if (!work) {
    t->failed = 1;
    return;
  }
  for (int64_t item = begin; item < end; item++)
    transform_item(t, item, work, work + whole, work + whole + longest);
  free(work);
}

int32_t jx_fft(const int64_t *p, void *const *buffers) {
  int64_t kind = p[1], batch = p[2], whole = p[3] * p[4] * p[5];
  if (batch * whole == 0) return 0;
  plan plans[3];
  int ok = 1;
  for (int axis = 0; axis < 3; axis++)
    ok &= make(&plans[axis], p[3 + axis], kind == 1 || kind == 3 ? 1 : -1);
  transforms t = {.p = p, .buffers = buffers, .plans = plans};
  if (ok) jx_parallel_for(transform_items, &t, 0, batch, 1 + 4096 / whole);
  for (int axis = 0; axis < 3; axis++) destroy(&plans[axis]);
  return ok && !t.failed ? 0 : -2;
}
