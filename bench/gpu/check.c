/* Checks the functions of kernels.jx on a GPU against the same functions on the processor, and
   measures them. Each is compiled twice: gpu_f and cpu_f. `functions.inc`, which make gpu-bundle
   writes, lists them. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu.h"
#include "gpu.h"
#include "device.h"

typedef int32_t (*entry)(void *const *parameters);

typedef struct {
  const char *name;
  entry gpu, cpu;
  const jx_function *(*info)(void);
  int is_flop;
  double work;
} function;

#include "functions.inc"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static jx_device *device;

static void stop_unless(int32_t status, const char *what) {
  if (!status) return;
  fprintf(stderr, "%s: %s: %s\n", what, jx_status_message(status), jx_device_message());
  exit(1);
}

/* Elements between -2 and 2; positions are small. */
static void fill(void *bytes, const jx_array *array) {
  static uint64_t state = 88172645463325252u;
  size_t count = (size_t)array->bytes / (size_t)array->element_bytes;
  for (size_t e = 0; e < count; e++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    float value = (float)((double)(state >> 11) * 0x1p-51 - 2.0);
    if (!strcmp(array->type, "float32")) ((float *)bytes)[e] = value;
    else if (!strcmp(array->type, "bfloat16")) {
      uint32_t bits;
      memcpy(&bits, &value, 4);
      ((uint16_t *)bytes)[e] = (uint16_t)(bits >> 16);
    } else if (array->element_bytes == 4) ((int32_t *)bytes)[e] = (int32_t)(state >> 40) & 255;
  }
}

static double element(const void *bytes, const jx_array *array, size_t e) {
  if (!strcmp(array->type, "float32")) return ((const float *)bytes)[e];
  if (!strcmp(array->type, "bfloat16")) {
    uint32_t bits = (uint32_t)((const uint16_t *)bytes)[e] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
  }
  return ((const int32_t *)bytes)[e];
}

/* The largest difference, relative to the largest element. */
static double difference(const void *a, const void *b, const jx_array *array) {
  size_t count = (size_t)array->bytes / (size_t)array->element_bytes;
  double largest = 0, scale = 0;
  for (size_t e = 0; e < count; e++) {
    double x = element(a, array, e), y = element(b, array, e);
    if (isnan(x) != isnan(y)) return INFINITY;
    if (fabs(x - y) > largest) largest = fabs(x - y);
    if (fabs(y) > scale) scale = fabs(y);
  }
  return largest / (scale > 0 ? scale : 1);
}

enum { MOST_ARRAYS = 16, REPETITIONS = 20 };

/* Seconds of a call with everything on the device: the best of some. */
static double measure(const function *f, void *const *parameters) {
  double best = INFINITY;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    double start = now();
    stop_unless(f->gpu(parameters), f->name);
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  return best;
}

static int check(const function *f, double copy_rate) {
  const jx_function *info = f->info();
  int arguments = info->argument_count, count = arguments + info->result_count;
  void *host[MOST_ARRAYS], *expected[MOST_ARRAYS], *on_device[MOST_ARRAYS];
  for (int p = 0; p < count; p++) {
    const jx_array *array =
        p < arguments ? &info->arguments[p] : &info->results[p - arguments];
    size_t size = (size_t)array->bytes + !array->bytes;
    jx_address address;
    host[p] = malloc(size);
    expected[p] = p < arguments ? host[p] : malloc(size);
    if (p < arguments) fill(host[p], array);
    stop_unless(device->allocate(device, size, &address), f->name);
    if (p < arguments) stop_unless(device->write(device, address, host[p], size), f->name);
    on_device[p] = (void *)(uintptr_t)address;
  }
  stop_unless(f->cpu(expected), f->name);
  stop_unless(f->gpu(host), f->name);
  double worst = 0;
  for (int r = arguments; r < count; r++) {
    double d = difference(host[r], expected[r], &info->results[r - arguments]);
    if (!(d <= worst)) worst = d;
  }
  double seconds = measure(f, on_device);
  int is_right = worst < 2e-5;
  double rate = f->work / seconds;
  if (f->is_flop)
    printf("%-12s %9.3f ms %9.1f GFLOP/s            error %.1e  %s\n", f->name, 1e3 * seconds,
           1e-9 * rate, worst, is_right ? "ok" : "WRONG");
  else
    printf("%-12s %9.3f ms %9.1f GB/s  %4.0f%% of copy error %.1e  %s\n", f->name, 1e3 * seconds,
           1e-9 * rate, 100 * rate / copy_rate, worst, is_right ? "ok" : "WRONG");
  fflush(stdout);
  for (int p = 0; p < count; p++) {
    device->release(device, (jx_address)(uintptr_t)on_device[p]);
    if (p >= arguments) free(expected[p]);
    free(host[p]);
  }
  return is_right;
}

/* Bytes per second, read and written, of the driver's own copy of 256 MB. */
static double copy_rate(void) {
  size_t size = (size_t)256 << 20;
  jx_address a, b;
  stop_unless(device->allocate(device, size, &a), "copy");
  stop_unless(device->allocate(device, size, &b), "copy");
  double best = INFINITY;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    double start = now();
    for (int copy = 0; copy < 10; copy++) stop_unless(device->copy(device, a, b, size), "copy");
    stop_unless(device->wait(device), "copy");
    double seconds = (now() - start) / 10;
    if (seconds < best) best = seconds;
  }
  device->release(device, a);
  device->release(device, b);
  return 2 * (double)size / best;
}

int main(void) {
  const char *reason = "";
  device = jx_cuda_device(0, &reason);
  if (!device) {
    fprintf(stderr, "no GPU: %s\n", reason);
    return 2;
  }
  double rate = copy_rate();
  printf("compute capability %d.%d, copies %.1f GB/s\n", device->architecture / 10,
         device->architecture % 10, 1e-9 * rate);
  int wrong = 0;
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
    wrong += !check(&functions[f], rate);
  if (wrong) printf("%d functions are WRONG\n", wrong);
  return wrong != 0;
}
