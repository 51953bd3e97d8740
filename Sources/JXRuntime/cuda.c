/* The CUDA driver as a device. It is looked for at run time: nothing is linked, and where there is no
   driver the reason is a message. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "device.h"
#include "internal.h"

/* The driver's interface, as far as it is used. */
typedef int CUresult;
typedef int CUdevice;
typedef void *CUcontext, *CUmodule, *CUfunction, *CUstream, *CUgraph, *CUgraphExec;
typedef unsigned long long CUdeviceptr;
enum {
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701
};
enum { CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2, CU_MEMORYTYPE_DEVICE = 2 };
enum { CU_JIT_ERROR_LOG_BUFFER = 5, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6 };
enum { CU_STREAM_NON_BLOCKING = 1, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1 };
enum { CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8 };
enum { MULTIPROCESSOR_COUNT = 16, COMPUTE_CAPABILITY_MAJOR = 75, COMPUTE_CAPABILITY_MINOR = 76 };

#define FUNCTIONS(F)                                                                            \
  F(cuInit, cuInit, (unsigned))                                                                 \
  F(cuDriverGetVersion, cuDriverGetVersion, (int *))                                            \
  F(cuDeviceGetCount, cuDeviceGetCount, (int *))                                                \
  F(cuDeviceGet, cuDeviceGet, (CUdevice *, int))                                                \
  F(cuDeviceGetAttribute, cuDeviceGetAttribute, (int *, int, CUdevice))                         \
  F(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext *, CUdevice))                \
  F(cuCtxSetCurrent, cuCtxSetCurrent, (CUcontext))                                              \
  F(cuModuleLoadDataEx, cuModuleLoadDataEx, (CUmodule *, const void *, unsigned, int *, void **)) \
  F(cuModuleUnload, cuModuleUnload, (CUmodule))                                                 \
  F(cuModuleGetFunction, cuModuleGetFunction, (CUfunction *, CUmodule, const char *))           \
  F(cuFuncSetAttribute, cuFuncSetAttribute, (CUfunction, int, int))                             \
  F(cuMemAlloc, cuMemAlloc_v2, (CUdeviceptr *, size_t))                                         \
  F(cuMemFree, cuMemFree_v2, (CUdeviceptr))                                                     \
  F(cuMemGetInfo, cuMemGetInfo_v2, (size_t *, size_t *))                                        \
  F(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (CUdeviceptr, const void *, size_t, CUstream))     \
  F(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void *, CUdeviceptr, size_t, CUstream))           \
  F(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2, (CUdeviceptr, CUdeviceptr, size_t, CUstream))      \
  F(cuMemsetD8Async, cuMemsetD8Async, (CUdeviceptr, unsigned char, size_t, CUstream))           \
  F(cuMemsetD16Async, cuMemsetD16Async, (CUdeviceptr, unsigned short, size_t, CUstream))        \
  F(cuMemsetD32Async, cuMemsetD32Async, (CUdeviceptr, unsigned, size_t, CUstream))              \
  F(cuLaunchKernel, cuLaunchKernel,                                                             \
    (CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, \
     void **, void **))                                                                         \
  F(cuLaunchCooperativeKernel, cuLaunchCooperativeKernel,                                       \
    (CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, \
     void **))                                                                                  \
  F(cuOccupancyMaxActiveBlocksPerMultiprocessor, cuOccupancyMaxActiveBlocksPerMultiprocessor,    \
    (int *, CUfunction, int, size_t))                                                           \
  F(cuStreamCreate, cuStreamCreate, (CUstream *, unsigned))                                     \
  F(cuStreamSynchronize, cuStreamSynchronize, (CUstream))                                       \
  F(cuStreamBeginCapture, cuStreamBeginCapture_v2, (CUstream, int))                             \
  F(cuStreamEndCapture, cuStreamEndCapture, (CUstream, CUgraph *))                              \
  F(cuGraphInstantiate, cuGraphInstantiateWithFlags, (CUgraphExec *, CUgraph, unsigned long long)) \
  F(cuGraphDestroy, cuGraphDestroy, (CUgraph))                                                  \
  F(cuGraphLaunch, cuGraphLaunch, (CUgraphExec, CUstream))                                      \
  F(cuGraphExecDestroy, cuGraphExecDestroy, (CUgraphExec))                                      \
  F(cuPointerGetAttribute, cuPointerGetAttribute, (void *, int, CUdeviceptr))                   \
  F(cuGetErrorName, cuGetErrorName, (CUresult, const char **))                                  \
  F(cuGetErrorString, cuGetErrorString, (CUresult, const char **))

#define DECLARE(name, symbol, parameters) CUresult(*name) parameters;
static struct { FUNCTIONS(DECLARE) } driver;

typedef struct {
  jx_device device;
  CUcontext cuda;
  CUstream stream;
  int processors;
} cuda_device;

enum { MOST_DEVICES = 64 };
static cuda_device devices[MOST_DEVICES];
static int device_count;
static char absence[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void find_driver(void) {
  const char *path = getenv("JXC_CUDA_DRIVER");
  void *library = dlopen(path && *path ? path : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(absence, sizeof absence, "no CUDA driver: %s", dlerror());
    return;
  }
#define FIND(name, symbol, parameters)                                                       \
  *(void **)&driver.name = dlsym(library, #symbol);                                          \
  if (!driver.name) {                                                                        \
    snprintf(absence, sizeof absence, "the CUDA driver is too old: it has no " #symbol);     \
    return;                                                                                  \
  }
  FUNCTIONS(FIND)
  CUresult result = driver.cuInit(0);
  if (!result) result = driver.cuDeviceGetCount(&device_count);
  if (result) {
    const char *text = NULL;
    driver.cuGetErrorString(result, &text);
    device_count = 0;
    snprintf(absence, sizeof absence, "the CUDA driver finds no GPU: %s",
             text ? text : "unknown error");
  } else if (device_count == 0) {
    snprintf(absence, sizeof absence, "the CUDA driver finds no GPU");
  }
  if (device_count > MOST_DEVICES) device_count = MOST_DEVICES;
}

/* -- Results of the driver -------------------------------------------------------------------- */

static int32_t fails(jx_device *device, CUresult result, const char *what) {
  const char *name = NULL, *text = NULL;
  driver.cuGetErrorName(result, &name);
  driver.cuGetErrorString(result, &text);
  snprintf(device->message, sizeof device->message, "%s: %s (%s)", what,
           text ? text : "unknown error", name ? name : "?");
  return result == CUDA_ERROR_OUT_OF_MEMORY ? JX_OUT_OF_MEMORY : JX_DEVICE_FAILED;
}

static CUstream stream(jx_device *device) { return ((cuda_device *)device)->stream; }

/* Makes the device's context that of this thread. */
static int32_t enter(jx_device *device) {
  CUresult result = driver.cuCtxSetCurrent(((cuda_device *)device)->cuda);
  return result ? fails(device, result, "the GPU cannot be used") : 0;
}

static int32_t checked(jx_device *device, CUresult result, const char *what) {
  return result ? fails(device, result, what) : 0;
}

/* -- The table -------------------------------------------------------------------------------- */

static int32_t cuda_allocate(jx_device *device, size_t size, jx_address *address) {
  int32_t status = enter(device);
  if (status) return status;
  CUdeviceptr pointer = 0;
  CUresult result = driver.cuMemAlloc(&pointer, size ? size : 1);
  *address = pointer;
  if (!result) return 0;
  size_t available = 0, all = 0;
  char what[160];
  if (result == CUDA_ERROR_OUT_OF_MEMORY && !driver.cuMemGetInfo(&available, &all))
    snprintf(what, sizeof what, "%zu bytes do not fit into the GPU's memory, of which %zu of %zu are free",
             size, available, all);
  else
    snprintf(what, sizeof what, "cannot allocate %zu bytes on the GPU", size);
  return fails(device, result, what);
}

static void cuda_release(jx_device *device, jx_address address) {
  if (enter(device)) return;
  driver.cuStreamSynchronize(stream(device));
  driver.cuMemFree(address);
}

static int32_t cuda_write(jx_device *device, jx_address to, const void *from, size_t size) {
  int32_t status = enter(device);
  return status ? status
                : checked(device, driver.cuMemcpyHtoDAsync(to, from, size, stream(device)),
                          "copying to the GPU");
}

static int32_t cuda_wait(jx_device *device) {
  int32_t status = enter(device);
  return status ? status
                : checked(device, driver.cuStreamSynchronize(stream(device)), "running on the GPU");
}

static int32_t cuda_read(jx_device *device, void *to, jx_address from, size_t size) {
  int32_t status = enter(device);
  if (!status)
    status = checked(device, driver.cuMemcpyDtoHAsync(to, from, size, stream(device)),
                     "copying from the GPU");
  return status ? status : cuda_wait(device);
}

static int32_t cuda_copy(jx_device *device, jx_address to, jx_address from, size_t size) {
  int32_t status = enter(device);
  return status ? status
                : checked(device, driver.cuMemcpyDtoDAsync(to, from, size, stream(device)),
                          "copying on the GPU");
}

static int32_t cuda_fill(jx_device *device, jx_address to, uint32_t pattern, int32_t width,
                         size_t count) {
  int32_t status = enter(device);
  if (status) return status;
  CUstream s = stream(device);
  CUresult result = width == 1   ? driver.cuMemsetD8Async(to, (unsigned char)pattern, count, s)
                    : width == 2 ? driver.cuMemsetD16Async(to, (unsigned short)pattern, count, s)
                                 : driver.cuMemsetD32Async(to, pattern, count, s);
  return checked(device, result, "filling on the GPU");
}

static int32_t cuda_load(jx_device *device, const char *ptx, const jx_device_kernel *kernels,
                         int32_t count, void **module, void **handles) {
  int32_t status = enter(device);
  if (status) return status;
  char log[512] = "";
  int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {log, (void *)sizeof log};
  CUresult result = driver.cuModuleLoadDataEx(module, ptx, 2, options, values);
  if (result == CUDA_ERROR_UNSUPPORTED_PTX_VERSION) {
    int version = 0;
    char what[120];
    driver.cuDriverGetVersion(&version);
    snprintf(what, sizeof what, "the CUDA driver, of version %d.%d, is too old for these kernels",
             version / 1000, version % 1000 / 10);
    return fails(device, result, what);
  }
  if (result) {
    char what[640];
    snprintf(what, sizeof what, "the CUDA driver does not take the kernels%s%s", *log ? ": " : "", log);
    return fails(device, result, what);
  }
  for (int32_t k = 0; !status && k < count; k++) {
    result = driver.cuModuleGetFunction(&handles[k], *module, kernels[k].name);
    if (!result && kernels[k].shared)
      result = driver.cuFuncSetAttribute(
          handles[k], CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)kernels[k].shared);
    status = checked(device, result, kernels[k].name);
  }
  if (status) {
    driver.cuModuleUnload(*module);
    *module = NULL;
  }
  return status;
}

static void cuda_unload(jx_device *device, void *module) {
  if (enter(device)) return;
  driver.cuStreamSynchronize(stream(device));
  driver.cuModuleUnload(module);
}

static int32_t cuda_launch(jx_device *device, void *handle, const jx_device_kernel *kernel,
                           const jx_address *operands, int32_t count) {
  int32_t status = enter(device);
  if (status) return status;
  void *parameters[count + 1];
  for (int32_t o = 0; o < count; o++) parameters[o] = (void *)&operands[o];
  if (kernel->is_cooperative) {
    int each = 0;
    CUresult result = driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
        &each, handle, (int)kernel->threads, kernel->shared);
    unsigned room = (unsigned)(each * ((cuda_device *)device)->processors);
    if (!result && !room) {
      char what[200];
      snprintf(what, sizeof what,
               "kernel %.80s needs more registers or shared memory than a multiprocessor has",
               kernel->name);
      return fails(device, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, what);
    }
    if (!result)
      result = driver.cuLaunchCooperativeKernel(
          handle, kernel->blocks < room ? kernel->blocks : room, 1, 1, kernel->threads, 1, 1,
          kernel->shared, stream(device), parameters);
    return checked(device, result, kernel->name);
  }
  return checked(device,
                 driver.cuLaunchKernel(handle, kernel->blocks, 1, 1, kernel->threads, 1, 1,
                                       kernel->shared, stream(device), parameters, NULL),
                 kernel->name);
}

/* -- Graphs ----------------------------------------------------------------------------------- */

static int32_t cuda_record(jx_device *device) {
  int32_t status = enter(device);
  return status ? status
                : checked(device,
                          driver.cuStreamBeginCapture(stream(device),
                                                      CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                          "recording");
}

static int32_t cuda_recorded(jx_device *device, void **recording) {
  CUgraph graph = NULL;
  CUresult result = driver.cuStreamEndCapture(stream(device), &graph);
  if (!result) result = driver.cuGraphInstantiate(recording, graph, 0);
  if (graph) driver.cuGraphDestroy(graph);
  return checked(device, result, "recording");
}

static int32_t cuda_replay(jx_device *device, void *recording) {
  int32_t status = enter(device);
  return status ? status
                : checked(device, driver.cuGraphLaunch(recording, stream(device)),
                          "running on the GPU");
}

static void cuda_forget(jx_device *device, void *recording) {
  if (enter(device)) return;
  driver.cuStreamSynchronize(stream(device));
  driver.cuGraphExecDestroy(recording);
}

int32_t jx_cuda_device_count(void) {
  pthread_once(&once, find_driver);
  return device_count;
}

jx_device *jx_cuda_device(int32_t ordinal, const char **reason) {
  pthread_once(&once, find_driver);
  if (ordinal < 0 || ordinal >= device_count) {
    *reason = device_count ? "there are not that many GPUs" : absence;
    return NULL;
  }
  cuda_device *made = &devices[ordinal];
  pthread_mutex_lock(&lock);
  if (!made->stream) {
    made->device = (jx_device){
        .allocate = cuda_allocate, .release = cuda_release, .write = cuda_write,
        .read = cuda_read,         .copy = cuda_copy,       .fill = cuda_fill,
        .load = cuda_load,         .unload = cuda_unload,   .launch = cuda_launch,
        .wait = cuda_wait,         .record = cuda_record,   .recorded = cuda_recorded,
        .replay = cuda_replay,     .forget = cuda_forget};
    CUdevice number = 0;
    CUresult result = driver.cuDeviceGet(&number, ordinal);
    int major = 0, minor = 0;
    if (!result) result = driver.cuDeviceGetAttribute(&major, COMPUTE_CAPABILITY_MAJOR, number);
    if (!result) result = driver.cuDeviceGetAttribute(&minor, COMPUTE_CAPABILITY_MINOR, number);
    made->device.architecture = 10 * major + minor;
    if (!result)
      result = driver.cuDeviceGetAttribute(&made->processors, MULTIPROCESSOR_COUNT, number);
    if (!result) result = driver.cuDevicePrimaryCtxRetain(&made->cuda, number);
    if (!result) result = driver.cuCtxSetCurrent(made->cuda);
    if (!result) result = driver.cuStreamCreate(&made->stream, CU_STREAM_NON_BLOCKING);
    if (result) {
      made->stream = NULL;
      fails(&made->device, result, "the GPU cannot be used");
    }
  }
  pthread_mutex_unlock(&lock);
  if (made->stream) return &made->device;
  *reason = made->device.message;
  return NULL;
}

/* -- Calls from other languages --------------------------------------------------------------- */

/* Is this the GPU's memory? */
static int is_on_device(const void *pointer) {
  unsigned kind = 0;
  return !driver.cuPointerGetAttribute(&kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                                       (CUdeviceptr)(uintptr_t)pointer) &&
         kind == CU_MEMORYTYPE_DEVICE;
}

int32_t jx_cuda_call(const jx_device_program *program, jx_device_instance **instance,
                     void *const *parameters) {
  static pthread_mutex_t calls = PTHREAD_MUTEX_INITIALIZER;
  const char *reason = "";
  jx_device *device = jx_cuda_device(0, &reason);
  if (!device) return jx_device_fails(JX_NO_DEVICE, reason);
  int32_t count = program->argument_count + program->result_count, made = 0;
  jx_address addresses[count + 1];
  char is_own[count + 1];
  pthread_mutex_lock(&calls);
  int32_t status = *instance ? 0 : jx_device_load(device, program, instance);
  for (; !status && made < count; made++) {
    size_t size = (size_t)program->sizes[made];
    addresses[made] = (jx_address)(uintptr_t)parameters[made];
    is_own[made] = !is_on_device(parameters[made]);
    if (!is_own[made]) continue;
    status = device->allocate(device, size, &addresses[made]);
    if (status) break;
    if (made < program->argument_count && size)
      status = device->write(device, addresses[made], parameters[made], size);
  }
  if (!status) {
    status = jx_device_run(*instance, addresses, NULL, NULL);
    if (!status && (status = device->wait(device))) jx_device_fails(status, device->message);
  } else {
    jx_device_fails(status, device->message);
  }
  for (int32_t r = program->argument_count; !status && r < count; r++) {
    if (!is_own[r] || !program->sizes[r]) continue;
    status = device->read(device, parameters[r], addresses[r], (size_t)program->sizes[r]);
    if (status) jx_device_fails(status, device->message);
  }
  while (made > 0)
    if (is_own[--made]) device->release(device, addresses[made]);
  pthread_mutex_unlock(&calls);
  return status;
}
