/* Checks the functions of kernels.jx on a GPU against the same functions on the processor, and
   measures them. Each is compiled twice: gpu_f and cpu_f. `functions.inc`, which make gpu-bundle
   writes, lists them. */
#include <dlfcn.h>
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

static int is(const jx_array *array, const char *type) { return !strcmp(array->type, type); }

/* How many numbers an array has: two for each complex one. */
static size_t number_count(const jx_array *array) {
  size_t count = (size_t)array->bytes / (size_t)array->element_bytes;
  return is(array, "complex64") ? 2 * count : count;
}

/* Numbers between -2 and 2; positions are small. */
static void fill(void *bytes, const jx_array *array) {
  static uint64_t state = 88172645463325252u;
  size_t count = number_count(array);
  for (size_t e = 0; e < count; e++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    float value = (float)((double)(state >> 11) * 0x1p-51 - 2.0);
    if (is(array, "float32") || is(array, "complex64")) ((float *)bytes)[e] = value;
    else if (is(array, "float16")) ((_Float16 *)bytes)[e] = (_Float16)value;
    else if (is(array, "bfloat16")) {
      uint32_t bits;
      memcpy(&bits, &value, 4);
      ((uint16_t *)bytes)[e] = (uint16_t)(bits >> 16);
    } else if (array->element_bytes == 1) ((int8_t *)bytes)[e] = (int8_t)(state >> 40);
    else if (array->element_bytes == 4) ((int32_t *)bytes)[e] = (int32_t)(state >> 40) & 255;
    else {
      fprintf(stderr, "no numbers of type %s\n", array->type);
      exit(1);
    }
  }
}

static double number(const void *bytes, const jx_array *array, size_t e) {
  if (is(array, "float32") || is(array, "complex64")) return ((const float *)bytes)[e];
  if (is(array, "float16")) return (double)((const _Float16 *)bytes)[e];
  if (is(array, "bfloat16")) {
    uint32_t bits = (uint32_t)((const uint16_t *)bytes)[e] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
  }
  return array->element_bytes == 1 ? ((const int8_t *)bytes)[e] : ((const int32_t *)bytes)[e];
}

/* The largest difference, relative to the largest element. */
static double difference(const void *a, const void *b, const jx_array *array) {
  size_t count = number_count(array);
  double largest = 0, scale = 0;
  for (size_t e = 0; e < count; e++) {
    double x = number(a, array, e), y = number(b, array, e);
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

static int check(const function *f, double copy_rate, double multiply_rate) {
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
  /* Sums of halves are rounded once more. */
  int is_half = is(&info->results[0], "float16");
  int is_right = worst < (is_half ? 1e-3 : 2e-5);
  double rate = f->work / seconds;
  if (f->is_flop)
    printf("%-12s %9.3f ms %9.1f GFLOP/s %3.0f%% of FMAs error %.1e  %s\n", f->name, 1e3 * seconds,
           1e-9 * rate, 100 * rate / multiply_rate, worst, is_right ? "ok" : "WRONG");
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

/* 16 multiply-adds on 8 numbers in registers, again and again, in every thread. */
static const char multiplying[] =
    ".version 6.3\n.target sm_70\n.address_size 64\n"
    ".visible .entry multiply(.param .u64 target)\n.reqntid 256, 1, 1\n{\n"
    ".reg .f32 %f<10>;\n.reg .b32 %r<4>;\n.reg .b64 %rd<4>;\n.reg .pred %p<2>;\n"
    "mov.u32 %r1, %tid.x;\ncvt.rn.f32.u32 %f0, %r1;\n"
#define NUMBERS(STEP) STEP("1") STEP("2") STEP("3") STEP("4") STEP("5") STEP("6") STEP("7") STEP("8")
#define BEGIN(N) "add.f32 %f" N ", %f0, 0f3F800000;\n"
#define MULTIPLY(N) "fma.rn.f32 %f" N ", %f" N ", 0f3F7FF000, %f0;\n"
#define ADD(N) "add.f32 %f9, %f9, %f" N ";\n"
    NUMBERS(BEGIN) "mov.u32 %r2, 0;\n"
    "$again:\n" NUMBERS(MULTIPLY) NUMBERS(MULTIPLY)
    "add.u32 %r2, %r2, 1;\nsetp.lt.u32 %p1, %r2, 4096;\n@%p1 bra $again;\n"
    "mov.f32 %f9, %f0;\n" NUMBERS(ADD)
    "ld.param.u64 %rd1, [target];\nmul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\n"
    "st.global.f32 [%rd3], %f9;\nret;\n}\n";

/* Multiplications and additions per second that the card does where it has nothing else to do. */
static double multiply_rate(void) {
  const jx_device_kernel kernel = {"multiply", 4096, 256, 0, 0};
  void *module, *handle;
  jx_address target;
  stop_unless(device->load(device, multiplying, &kernel, 1, &module, &handle), "multiply");
  stop_unless(device->allocate(device, 1024, &target), "multiply");
  double best = INFINITY;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    double start = now();
    stop_unless(device->launch(device, handle, &kernel, &target, 1), "multiply");
    stop_unless(device->wait(device), "multiply");
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  device->release(device, target);
  device->unload(device, module);
  return 4096.0 * 256 * 4096 * 16 * 2 / best;
}

/* cuBLAS's time for the product of kernels.jx, where cuBLAS is installed. */
static void measure_cublas(double ceiling) {
  static const char *const names[] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"};
  void *library = NULL, *driver = dlopen("libcuda.so.1", RTLD_NOW), *handle;
  for (int n = 0; n < 3 && !library; n++) library = dlopen(names[n], RTLD_NOW);
  if (!library || !driver) {
    printf("cuBLAS is not installed: no time to compare products with\n");
    return;
  }
  int (*create)(void **), (*wait)(void),
      (*multiply)(void *, int, int, int, int, int, const float *, jx_address, int, jx_address, int,
                  const float *, jx_address, int);
  *(void **)&create = dlsym(library, "cublasCreate_v2");
  *(void **)&multiply = dlsym(library, "cublasSgemm_v2");
  *(void **)&wait = dlsym(driver, "cuCtxSynchronize");
  enum { N = 2048 };
  jx_address arrays[3];
  for (int a = 0; a < 3; a++)
    stop_unless(device->allocate(device, (size_t)N * N * 4, &arrays[a]), "cuBLAS");
  const float one = 1, zero = 0;
  int failed = !create || !multiply || !wait || create(&handle);
  double best = INFINITY;
  for (int repetition = 0; !failed && repetition < REPETITIONS; repetition++) {
    double start = now();
    failed = multiply(handle, 0, 0, N, N, N, &one, arrays[0], N, arrays[1], N, &zero, arrays[2], N) ||
             wait();
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  if (failed) printf("cuBLAS fails\n");
  else
    printf("%-12s %9.3f ms %9.1f GFLOP/s %3.0f%% of FMAs (for product)\n", "cuBLAS", 1e3 * best,
           2e-9 * N * N * N / best, 200.0 * N * N * N / best / ceiling);
  for (int a = 0; a < 3; a++) device->release(device, arrays[a]);
}

int main(void) {
  const char *reason = "";
  device = jx_cuda_device(0, &reason);
  if (!device) {
    fprintf(stderr, "no GPU: %s\n", reason);
    return 2;
  }
  double rate = copy_rate();
  double ceiling = multiply_rate();
  printf("compute capability %d.%d, copies %.1f GB/s, FMAs %.1f GFLOP/s\n", device->architecture / 10,
         device->architecture % 10, 1e-9 * rate, 1e-9 * ceiling);
  int wrong = 0;
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
    wrong += !check(&functions[f], rate, ceiling);
  measure_cublas(ceiling);
  if (wrong) printf("%d functions are WRONG\n", wrong);
  return wrong != 0;
}
