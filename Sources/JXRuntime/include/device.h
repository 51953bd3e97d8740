/* Programs for a device that has memory of its own: a GPU, or the simulator of one.

   A program is data: kernels as PTX, and the steps that launch them, which `jx_device_run` takes one
   after the other. What a device can do is a table of functions, so that the CUDA driver and the
   simulator run the same programs. */
#ifndef JX_DEVICE_H
#define JX_DEVICE_H
#include <stddef.h>
#include <stdint.h>
#include "JXRuntime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where something is in a device's memory. */
typedef uint64_t jx_address;

/* An entry of a program's PTX, and how it is launched. */
typedef struct {
  const char *name;
  uint32_t blocks, threads;
  /* Bytes of shared memory beside those that the code itself reserves. */
  uint32_t shared;
  /* Blocks that wait for each other: a launch has at most `blocks` of them, and no more than can run
     at the same time. */
  uint32_t is_cooperative;
} jx_device_kernel;

/* What a device can do. Functions return 0, or a negative status and the reason in `message`. All
   that a thread asks of a device happens in order; `read` and `wait` return when it has happened. */
typedef struct jx_device {
  void *context;
  int32_t (*allocate)(struct jx_device *, size_t size, jx_address *address);
  void (*release)(struct jx_device *, jx_address address);
  int32_t (*write)(struct jx_device *, jx_address to, const void *from, size_t size);
  int32_t (*read)(struct jx_device *, void *to, jx_address from, size_t size);
  int32_t (*copy)(struct jx_device *, jx_address to, jx_address from, size_t size);
  /* Repeats `pattern`, whose width is 1, 2 or 4 bytes. */
  int32_t (*fill)(struct jx_device *, jx_address to, uint32_t pattern, int32_t width, size_t count);
  /* Loads PTX; `handles` gets one for each of `kernels`. */
  int32_t (*load)(struct jx_device *, const char *ptx, const jx_device_kernel *kernels,
                  int32_t count, void **module, void **handles);
  void (*unload)(struct jx_device *, void *module);
  int32_t (*launch)(struct jx_device *, void *handle, const jx_device_kernel *kernel,
                    const jx_address *operands, int32_t count);
  int32_t (*wait)(struct jx_device *);
  /* What is asked for between `record` and `recorded` does not happen, until `replay` asks for all of it
     at once. Null where a device has no such thing. */
  int32_t (*record)(struct jx_device *);
  int32_t (*recorded)(struct jx_device *, void **recording);
  int32_t (*replay)(struct jx_device *, void *recording);
  void (*forget)(struct jx_device *, void *recording);
  /* What kernels it runs: 90 for sm_90; 0 for all. */
  int32_t architecture;
  char message[1024];
} jx_device;

typedef struct {
  const void *bytes;
  size_t size;
} jx_device_constant;

/* What steps begin with. An operand is two words: a root and an offset in bytes. A root is the
   position of a parameter, of a constant or the workspace, times 4, plus JX_ROOT_…. */
enum {
  JX_STEP_LAUNCH, /* kernel, count, operands… */
  JX_STEP_COPY,   /* bytes, target, source */
  JX_STEP_FILL,   /* width, pattern (two words), count, target */
  JX_STEP_WHILE,  /* predicate, words of the condition, words of the body, condition…, body… */
  JX_STEP_LOOP,   /* iterations, words of the body, body… */
  JX_STEP_BRANCH, /* index, its width, number of cases, words of each case…, cases… */
  JX_STEP_ROUTINE, /* routine, number of its parameters, parameters…, number of operands, of results,
                      then bytes and operand of each */
  JX_STEP_HOST    /* callback, number of operands, of results, then bytes and operand of each */
};
enum { JX_ROOT_PARAMETER, JX_ROOT_CONSTANT, JX_ROOT_WORKSPACE };

/* A routine of JXRuntime.h: the host runs what no kernel does. */
typedef int32_t (*jx_routine)(const int64_t *p, void *const *buffers);

typedef struct {
  const char *ptx;
  int32_t kernel_count, constant_count, argument_count, result_count;
  /* What the kernels need: 80 for sm_80 or newer. */
  int32_t architecture;
  const jx_device_kernel *kernels;
  const jx_device_constant *constants;
  const jx_routine *routines;
  /* The bytes of each argument, then of each result. */
  const int64_t *sizes;
  int64_t workspace;
  const int64_t *code;
  int64_t code_count;
} jx_device_program;

/* A program whose kernels, constants and workspace are on a device. */
typedef struct jx_device_instance jx_device_instance;

/* Why the last call of one of the device's functions failed; empty if it did not say. */
const char *jx_device_reason(const jx_device *device);

int32_t jx_device_load(jx_device *device, const jx_device_program *program,
                       jx_device_instance **instance);
void jx_device_unload(jx_device_instance *instance);

/* Starts the program. `parameters` are the arguments and results in the device's memory, which have
   their values after `wait`; `host` may be null. */
int32_t jx_device_run(jx_device_instance *instance, const jx_address *parameters,
                      jx_host_function host, void *callbacks);

/* The GPU number `ordinal`, through the CUDA driver, which is looked for when this is called first.
   Null if there is none: `*reason` then says why. */
jx_device *jx_cuda_device(int32_t ordinal, const char **reason);

/* How many GPUs there are. */
int32_t jx_cuda_device_count(void);

/* Runs a program on the first GPU for arguments and results in the host's or the device's memory.
   What a program needs on the device stays there for the next call: `*instance` is null at first. */
int32_t jx_cuda_call(const jx_device_program *program, jx_device_instance **instance,
                     void *const *parameters);

/* Why the last call of this thread failed. */
const char *jx_device_message(void);

#ifdef __cplusplus
}
#endif
#endif
