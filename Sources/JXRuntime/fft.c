/* Discrete Fourier transforms of any length. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

/* Lengths with larger prime factors are convolutions. */
enum { LARGEST_FACTOR = 31 };
enum { KEPT_PLANS = 16, LONGEST_KEPT = 16384 };
/* Up to this length, single precision is computed in double precision: it costs little. */
enum { LONGEST_EXACT = 64 };
enum { FFT, IFFT, RFFT, IRFFT };

typedef struct {
  const void *from;
  void *to;
  int64_t kind, lengths[3];
  int is_double;
  double scale;
  const void *axes;
  int32_t failed;
} job;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the plans that are kept */

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

#define T float
#define L 16
#define N(name) name##_f32
#include "fft_template.h"

#define T double
#define L 8
#define N(name) name##_f64
#include "fft_template.h"

int32_t jx_fft(const int64_t *p, void *const *buffers) {
  int64_t batch = p[2], whole = p[3] * p[4] * p[5];
  if (batch * whole == 0) return 0;
  job t = {.from = buffers[0], .to = buffers[1], .kind = p[1], .lengths = {p[3], p[4], p[5]},
           .is_double = p[0] == JX_F64 || p[0] == JX_C128,
           .scale = p[1] == IFFT || p[1] == IRFFT ? 1 / (double)whole : 1};
  int is_exact = t.is_double;
  for (int axis = 0; axis < 3; axis++)
    if (largest_factor(p[3 + axis]) > LARGEST_FACTOR) is_exact = 1;
  if (whole <= LONGEST_EXACT) is_exact = 1;
  return is_exact ? transform_all_f64(&t, batch) : transform_all_f32(&t, batch);
}
