/* A CUDA driver that has one GPU and computes nothing: JXC_STUB says what goes wrong. Memory is the
   host's, so that what is copied to and fro can be seen. JXC_STUB_LOG is a file that gets a line for
   everything that is asked of the GPU: alloc, free, in, out, on, fill, launch, replay, wait. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
enum { OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_PTX = 218, UNSUPPORTED_PTX = 222, ILLEGAL = 700 };

/* The bytes of shared memory that a kernel may have. */
static unsigned granted = 49152;

static int is(const char *what) {
  const char *wanted = getenv("JXC_STUB");
  return wanted && !strcmp(wanted, what);
}

static void note(const char *what) {
  const char *path = getenv("JXC_STUB_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s\n", what);
  fclose(file);
}

CUresult cuInit(unsigned flags) { return flags || is("absent") ? NO_DEVICE : 0; }
CUresult cuDriverGetVersion(int *version) { return *version = 11040, 0; }
CUresult cuDeviceGetCount(int *count) { return *count = 1, 0; }
CUresult cuDeviceGet(int *device, int ordinal) { return *device = ordinal, 0; }
CUresult cuDeviceGetAttribute(int *value, int which, int device) {
  int is_ancient = is("ancient");
  return *value = which == 16 ? 4 : which == 75 ? (is_ancient ? 6 : 8) : device + is_ancient, 0;
}
CUresult cuDevicePrimaryCtxRetain(void **context, int device) {
  return *context = &cuInit + device, 0;
}
CUresult cuCtxSetCurrent(void *context) { return context ? 0 : 1; }
CUresult cuModuleLoadDataEx(void **module, const void *ptx, unsigned count, int *options,
                            void **values) {
  if (is("old")) return UNSUPPORTED_PTX;
  if (is("refused")) {
    for (unsigned o = 0; o < count; o++)
      if (options[o] == 5) strcpy(values[o], "line 7: no such instruction");
    return INVALID_PTX;
  }
  return *module = (void *)ptx, 0;
}
CUresult cuModuleUnload(void *module) { return module ? 0 : 1; }
CUresult cuModuleGetFunction(void **function, void *module, const char *name) {
  return *function = module, strstr(module, name) ? 0 : 500;
}
CUresult cuMemAlloc_v2(uint64_t *address, size_t size) {
  note("alloc");
  if (is("full")) return OUT_OF_MEMORY;
  return *address = (uint64_t)(uintptr_t)calloc(size, 1), 0;
}
CUresult cuMemFree_v2(uint64_t address) {
  note("free");
  return free((void *)(uintptr_t)address), 0;
}
CUresult cuMemGetInfo_v2(size_t *available, size_t *all) {
  return *available = 1000, *all = 8000, 0;
}
CUresult cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t size, void *stream) {
  note("in");
  return memcpy((void *)(uintptr_t)to, from, size), stream ? 0 : 1;
}
CUresult cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t size, void *stream) {
  note("out");
  return memcpy(to, (void *)(uintptr_t)from, size), stream ? 0 : 1;
}
CUresult cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t size, void *stream) {
  note("on");
  return memcpy((void *)(uintptr_t)to, (void *)(uintptr_t)from, size), stream ? 0 : 1;
}
CUresult cuMemsetD8Async(uint64_t to, unsigned char value, size_t count, void *stream) {
  note("fill");
  return memset((void *)(uintptr_t)to, value, count), stream ? 0 : 1;
}
CUresult cuMemsetD16Async(uint64_t to, unsigned short value, size_t count, void *stream) {
  note("fill");
  for (size_t e = 0; e < count; e++) ((unsigned short *)(uintptr_t)to)[e] = value;
  return stream ? 0 : 1;
}
CUresult cuMemsetD32Async(uint64_t to, unsigned value, size_t count, void *stream) {
  note("fill");
  for (size_t e = 0; e < count; e++) ((unsigned *)(uintptr_t)to)[e] = value;
  return stream ? 0 : 1;
}
CUresult cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by,
                        unsigned bz, unsigned shared, void *stream, void **parameters,
                        void **extra) {
  note("launch");
  if (shared > granted) return 1;
  return function && x && y && z && bx && by && bz && stream && parameters && !extra ? 0 : 1;
}
CUresult cuLaunchCooperativeKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned bx,
                                   unsigned by, unsigned bz, unsigned shared, void *stream,
                                   void **parameters) {
  note("together");
  /* No more blocks than there is room for. */
  if (shared > granted || x > 8) return 720;
  return function && x && y && z && bx && by && bz && stream && parameters ? 0 : 1;
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *function, int threads,
                                                     size_t shared) {
  return *blocks = 2, function && threads > 0 && shared <= granted ? 0 : 1;
}
CUresult cuFuncSetAttribute(void *function, int attribute, int value) {
  return granted = value, function && attribute == 8 ? 0 : 1;
}
CUresult cuStreamCreate(void **stream, unsigned flags) { return *stream = &cuInit + flags, 0; }
CUresult cuStreamSynchronize(void *stream) {
  note("wait");
  return stream && is("fault") ? ILLEGAL : 0;
}
CUresult cuStreamBeginCapture_v2(void *stream, int mode) { return stream && mode ? 0 : 1; }
CUresult cuStreamEndCapture(void *stream, void **graph) { return *graph = stream, 0; }
CUresult cuGraphInstantiateWithFlags(void **recording, void *graph, uint64_t flags) {
  return *recording = graph, flags ? 1 : 0;
}
CUresult cuGraphDestroy(void *graph) { return graph ? 0 : 1; }
CUresult cuGraphLaunch(void *recording, void *stream) {
  note("replay");
  return recording && stream ? 0 : 1;
}
CUresult cuGraphExecDestroy(void *recording) { return recording ? 0 : 1; }
CUresult cuPointerGetAttribute(void *value, int which, uint64_t address) {
  return value && which && address ? 1 : 1;
}
CUresult cuGetErrorName(CUresult error, const char **name) {
  return *name = error == ILLEGAL ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR", 0;
}
CUresult cuGetErrorString(CUresult error, const char **text) {
  *text = error == ILLEGAL         ? "an illegal memory access was encountered"
          : error == OUT_OF_MEMORY ? "out of memory"
          : error == NO_DEVICE     ? "no CUDA-capable device is detected"
                                   : "some error";
  return 0;
}
